/// What the biz audit offers.
#pragma once

#include <ark/sdk.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace acme {

struct AuditReport {
  int64_t calls = 0, failed = 0;
  std::map<std::string, int64_t> calls_by_version;  ///< of orders
};

struct Audit {
  virtual ~Audit() = default;
  virtual AuditReport report() const = 0;
};

}  // namespace acme

ARK_STRUCT(acme::AuditReport, "com.acme.AuditReport", calls, failed, calls_by_version)
ARK_CONTRACT(acme::Audit, "com.acme.Audit", "1.0", report)

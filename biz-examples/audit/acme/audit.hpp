/// What the biz audit offers.
#pragma once

#include <ark/sdk.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace acme {

struct AuditReport {
  int64_t calls = 0, failed = 0;
  std::map<std::string, int64_t> calls_by_version;  ///< of those that succeeded, by the version of orders that answered
  std::string last_failure;                         ///< what the last failed call threw
};

struct Audit {
  virtual ~Audit() = default;
  /// Since audit was started. Any thread.
  virtual AuditReport report() const = 0;
};

}  // namespace acme

ARK_STRUCT(acme::AuditReport, "com.acme.AuditReport", calls, failed, calls_by_version, last_failure)
ARK_CONTRACT(acme::Audit, "com.acme.Audit", "1.0", report)

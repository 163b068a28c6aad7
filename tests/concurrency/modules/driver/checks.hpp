/// Every property of a call that must not depend on how it is carried.
#pragma once

#include <string>
#include <vector>

#include "ledger/ledger.hpp"

namespace driver {

struct Way {
  ark::Context& ctx;
  const ark::Reference<ledger::Ledger>& ledger;
  bool in_process;     ///< values are shared, not copied
  bool caller_thread;  ///< the provider runs on the thread of the caller
};

/// What was not as it should be: sentences, none if all is well.
std::vector<std::string> check_all(const Way& way);

}  // namespace driver

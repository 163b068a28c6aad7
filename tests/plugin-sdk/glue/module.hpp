/// What the test makes the module's code do.
#pragma once

namespace glue {

enum class Act {
  kPthread,
  kStdThread,
  kKeyCreate,
  kKeyDelete,
  kThreadLocal,
  kSigaction,
  kSignal,
  kOnExit,
  kExit,
  kUnderscoreExit,
  kUnderscoreCapitalExit,
  kQuickExit
};

}  // namespace glue

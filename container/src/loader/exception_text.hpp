#pragma once

#include <string>

namespace ark::container::loader {

/// "std::runtime_error: disk is full", "int": the exception being handled. Only inside a handler, or in the terminate handler.
std::string exception_text();

/// From now on std::terminate in module code on the lent thread parks that thread (LentThread::park_terminated). Elsewhere it ends
/// the process as before, and a crash report says of what.
void install_terminate_handler();

}  // namespace ark::container::loader

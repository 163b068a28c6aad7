#include "loader/exception_text.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <string_view>

#include "crash/handler.hpp"
#include "loader/lent_thread.hpp"

namespace ark::container::loader {
namespace {

std::terminate_handler previous_handler;

/// noexcept: forced unwinding that meets a noexcept function ends here too, with nothing that could be rethrown.
void park_or_terminate() noexcept {
  const std::type_info* type = abi::__cxa_current_exception_type();
  const auto what = type ? exception_text() : "std::terminate";
  LentThread::park_terminated(type ? what + " left a function that is noexcept" : what + " was called");
  crash::note_termination(what);
  previous_handler();
}

}  // namespace

std::string exception_text() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable(
      type ? abi::__cxa_demangle(type->name(), nullptr, nullptr, &status) : nullptr, &std::free);
  std::string text = readable ? readable.get() : "a foreign exception";
  try {
    throw;
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (const std::exception& e) {
    text += std::string(": ") + e.what();
  } catch (std::string_view what) {
    text += ": " + std::string(what);
  } catch (...) {
  }
  return text;
}

void install_terminate_handler() {
  static const bool once = [] {
    previous_handler = std::set_terminate(park_or_terminate);
    return true;
  }();
  (void)once;
}

}  // namespace ark::container::loader

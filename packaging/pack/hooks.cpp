#include "pack/hooks.hpp"

#include <algorithm>
#include <string_view>

namespace ark::packaging {
namespace {

constexpr std::string_view kPrefix = "ark_hook_";

constexpr std::string_view kHooked[] = {
    "pthread_create",
    "_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE",
    "pthread_key_create",
    "pthread_key_delete",
    "__cxa_thread_atexit",
    "__cxa_thread_atexit_impl",
    "sigaction",
    "signal",
    "on_exit",
    "exit",
    "quick_exit",
    "_exit",
    "_Exit",
};

}  // namespace

std::map<std::string, std::string> hooked_imports(const container::package::ElfInfo& elf) {
  std::map<std::string, std::string> imports;
  for (const auto& symbol : elf.symbols) {
    const bool is_hooked = !symbol.defined && std::find(std::begin(kHooked), std::end(kHooked), symbol.name) != std::end(kHooked);
    if (is_hooked) imports.emplace(symbol.name, std::string(kPrefix) + symbol.name);
  }
  return imports;
}

bool is_hook(std::string_view name) { return name.starts_with(kPrefix); }

}  // namespace ark::packaging

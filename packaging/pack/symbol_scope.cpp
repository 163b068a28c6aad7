#include "pack/symbol_scope.hpp"

#include <utility>

namespace ark::packaging {

using container::package::ElfInfo;
using container::package::ElfSymbol;

void SymbolScope::add(std::string name, const ElfInfo& elf) {
  const auto object = static_cast<uint32_t>(names_.size());
  names_.push_back(std::move(name));
  for (const auto& symbol : elf.symbols) {
    if (!symbol.defined) continue;
    const auto index = static_cast<uint32_t>(definitions_.size());
    definitions_.push_back({&symbol, object});
    auto [chain, is_new] = chains_.try_emplace(symbol.name, Chain{index, index});
    if (is_new) continue;
    definitions_[chain->second.last].next = index;
    chain->second.last = index;
  }
}

bool SymbolScope::matches(const ElfSymbol& symbol, std::string_view version) {
  if (version.empty()) return symbol.default_version;
  // A library without versions serves every one: it was built before, or without, the version script of its users.
  return symbol.version == version || symbol.version.empty();
}

const SymbolScope::Definition* SymbolScope::first(std::string_view symbol) const {
  auto chain = chains_.find(symbol);
  return chain == chains_.end() ? nullptr : &definitions_[chain->second.first];
}

}  // namespace ark::packaging

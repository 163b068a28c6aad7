/// The shared objects among which the dynamic loader looks for the definition of a symbol, in its order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "package/elf.hpp"

namespace ark::packaging {

/// Values of one thread at a time. Objects are known by their number, counted from 0.
///
/// Source: glibc 2.36, elf/dl-lookup.c (do_lookup_x, check_match).
class SymbolScope {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Definition {
    const container::package::ElfSymbol* symbol;
    uint32_t object;
    uint32_t next = kNone;  ///< of the same name, in a later object or of another version
  };

  /// Puts it behind the others. elf: must outlive this and stay where it is.
  void add(std::string name, const container::package::ElfInfo& elf);

  size_t size() const { return names_.size(); }
  const std::string& name_of(uint32_t object) const { return names_[object]; }
  const std::vector<std::string>& names() const { return names_; }

  /// The definitions of that name, in order: the loader takes the first that matches the reference. Null: no more.
  const Definition* first(std::string_view symbol) const;
  const Definition* after(const Definition& one) const { return one.next == kNone ? nullptr : &definitions_[one.next]; }

  /// Whether the loader takes this definition for a reference of that version; empty: for one without.
  static bool matches(const container::package::ElfSymbol& symbol, std::string_view version);

 private:
  struct Chain {
    uint32_t first, last;
  };
  std::vector<std::string> names_;
  std::vector<Definition> definitions_;
  std::unordered_map<std::string_view, Chain> chains_;
};

}  // namespace ark::packaging

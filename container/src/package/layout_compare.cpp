#include <algorithm>

#include "package/layout.hpp"
#include "package/layout_type.hpp"
#include "package/layout_walk.hpp"

namespace ark::container::package {
namespace {

/// Stops at the first difference.
class Comparison {
 public:
  Comparison(const ContractLayout& importer, const ContractLayout& exporter,
             std::string_view importers = "the importer", std::string_view exporters = "the exporter")
      : importer_(importer), exporter_(exporter), importers_(importers), exporters_(exporters) {}

  Status run() {
    const auto &a = importer_.contract, &b = exporter_.contract;
    if (a.id != b.id)
      return {Code::kIncompatible,
              "contract " + a.id + " was compared with contract " + b.id + "; a service is imported by its own id"};
    if (difference().empty()) return {};
    return {Code::kIncompatible, difference_ + " (" + a.id + " " + a.version + " was compiled into the importer, " +
                                     b.version + " into the exporter); build both with one header of " + a.id};
  }

  /// The first one, as a sentence without its end; "" if there is none.
  const std::string& difference() {
    // If the contract is its own callback, use() meets it in the exact form.
    interfaces(importer_.contract, exporter_.contract, false);
    while (!differs() && (next_struct() || next_callback())) {
    }
    return difference_;
  }

 private:
  bool differs() const { return !difference_.empty(); }

  void differ(std::string text) {
    if (!differs()) difference_ = std::move(text);
  }

  template <class T>
  void same(const std::string& where, std::string_view what, const T& a, const T& b) {
    if (differs() || a == b) return;
    differ(where + ": " + std::string(what) + " is " + show(a) + " for " + importers_ + ", " + show(b) + " for " +
           exporters_);
  }
  static std::string show(const std::string& text) { return text; }
  static std::string show(int64_t number) { return std::to_string(number); }

  /// exact: calls go both ways, so neither side may know more methods or believe in more than the other.
  void interfaces(const InterfaceLayout& a, const InterfaceLayout& b, bool exact) {
    auto common = std::min(a.methods.size(), b.methods.size());
    for (size_t i = 0; i < common && !differs(); ++i) {
      auto number = a.id + " method " + std::to_string(i + 1);
      same(number, "name", a.methods[i].name, b.methods[i].name);
      methods(a.id + "." + a.methods[i].name, a.methods[i], b.methods[i], exact);
    }
    if (a.methods.size() > common) {
      differ(a.id + "." + a.methods[common].name + ": the importer may call it, the exporter does not have it");
    } else if (exact && b.methods.size() > common) {
      differ(a.id + "." + b.methods[common].name +
             ": the exporter may call it on the importer's callback, which does not have it");
    }
    same<int64_t>(a.id, "local (ARK_LOCAL_CONTRACT)", a.local, b.local);
    for (const auto& error : a.errors) {
      if (std::find(b.errors.begin(), b.errors.end(), error) != b.errors.end())
        types(a.id + " error " + error, error, error);
    }
  }

  void methods(const std::string& where, const MethodLayout& a, const MethodLayout& b, bool exact) {
    same<int64_t>(where, "const", a.is_const, b.is_const);
    same<int64_t>(where, "number of parameters", static_cast<int64_t>(a.params.size()),
                  static_cast<int64_t>(b.params.size()));
    if (differs()) return;
    types(where + " result", a.result, b.result);
    for (size_t i = 0; i < a.params.size() && !differs(); ++i) {
      auto at = where + " parameter " + std::to_string(i + 1);
      types(at, a.params[i].type, b.params[i].type);
      same<int64_t>(at, "by reference", a.params[i].by_reference, b.params[i].by_reference);
    }
    same<int64_t>(where, "vtable slot", a.slot, b.slot);
    same<int64_t>(where, "adjustment of this", a.adjust, b.adjust);
    // A promise more than was asked for does no harm.
    if (exact || (a.is_noexcept && !b.is_noexcept)) same<int64_t>(where, "noexcept", a.is_noexcept, b.is_noexcept);
  }

  void types(const std::string& where, const std::string& a, const std::string& b) {
    same(where, "type", a, b);
    if (differs()) return;
    each_piece(a, [&](const TypePiece& piece) {
      if (piece.kind == TypePiece::Kind::kStruct) structs_.meet(piece.text, true);
      if (piece.kind == TypePiece::Kind::kContract) callbacks_.meet(piece.text, true);
    });
  }

  bool next_struct() {
    std::string_view id;
    bool met = false;
    if (!structs_.next(id, met)) return false;
    auto a = importer_.structs.find(id), b = exporter_.structs.find(id);
    if (a == importer_.structs.end() || b == exporter_.structs.end()) {
      differ(std::string(id) + ": one side does not describe it");
    } else {
      structs(a->first, a->second, b->second);
    }
    return true;
  }

  void structs(const std::string& id, const StructLayout& a, const StructLayout& b) {
    auto common = std::min(a.fields.size(), b.fields.size());
    for (size_t i = 0; i < common && !differs(); ++i) {
      const auto &f = a.fields[i], &g = b.fields[i];
      same(id + " member " + std::to_string(i + 1), "name", f.name, g.name);
      types(id + "." + f.name, f.type, g.type);
      same<int64_t>(id + "." + f.name, "offset", f.offset, g.offset);
    }
    if (a.fields.size() != b.fields.size()) {
      const auto& longer = a.fields.size() > common ? a : b;
      differ(id + "." + longer.fields[common].name + ": only " + (&longer == &a ? importers_ : exporters_) +
             "'s struct has it");
    }
    same<int64_t>(id, "size", a.size, b.size);
    same<int64_t>(id, "alignment", a.align, b.align);
    same<int64_t>(id, "trivial (it can be passed in registers)", a.trivial, b.trivial);
  }

  bool next_callback() {
    std::string_view id;
    bool met = false;
    if (!callbacks_.next(id, met)) return false;
    const auto *a = importer_.find(id), *b = exporter_.find(id);
    if (a == nullptr || b == nullptr) {
      differ(std::string(id) + ": one side does not describe it");
    } else {
      interfaces(*a, *b, true);
    }
    return true;
  }

  const ContractLayout &importer_, &exporter_;
  const std::string importers_, exporters_;
  Reached<bool> structs_, callbacks_;
  std::string difference_;
};

}  // namespace

Status compare_layouts(const ContractLayout& importer, const ContractLayout& exporter) {
  return Comparison(importer, exporter).run();
}

Status compare_structs(const ark_type_t& one, std::string_view ones, const ark_type_t& other, std::string_view others) {
  const auto a = layout_of(one), b = layout_of(other);
  const auto difference = Comparison(a, b, ones, others).difference();
  if (difference.empty()) return {};
  return {Code::kIncompatible, difference + "; build both with one header of " + a.contract.id};
}

}  // namespace ark::container::package

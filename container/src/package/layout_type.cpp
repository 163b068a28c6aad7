#include "package/layout_type.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ark::container::package {
namespace {

/// What stands between < and > of a built-in type, a letter each: t a type, c the id of a contract, n a number, r
/// numerator/denominator;
/// '*' any number of types. Empty: no brackets.
struct BuiltIn {
  std::string_view name, arguments;
};

constexpr std::array kBuiltIns = {
    BuiltIn{"void", ""},       BuiltIn{"bool", ""},     BuiltIn{"i8", ""},      BuiltIn{"i16", ""},
    BuiltIn{"i32", ""},        BuiltIn{"i64", ""},      BuiltIn{"u8", ""},      BuiltIn{"u16", ""},
    BuiltIn{"u32", ""},        BuiltIn{"u64", ""},      BuiltIn{"f32", ""},     BuiltIn{"f64", ""},
    BuiltIn{"string", ""},     BuiltIn{"view", ""},     BuiltIn{"bytes", ""},   BuiltIn{"enum", "t"},
    BuiltIn{"list", "t"},      BuiltIn{"array", "tn"},  BuiltIn{"set", "t"},    BuiltIn{"map", "tt"},
    BuiltIn{"optional", "t"},  BuiltIn{"variant", "*"}, BuiltIn{"tuple", "*"},  BuiltIn{"pair", "tt"},
    BuiltIn{"duration", "tr"}, BuiltIn{"time", "tr"},   BuiltIn{"shared", "t"}, BuiltIn{"callback", "c"},
    BuiltIn{"contract", "c"},  BuiltIn{"unknown", ""},
};

const BuiltIn* find_built_in(std::string_view name) {
  auto found = std::find_if(kBuiltIns.begin(), kBuiltIns.end(), [&](const BuiltIn& b) { return b.name == name; });
  return found == kBuiltIns.end() ? nullptr : &*found;
}

constexpr int kMaxNesting = 32;

/// Recursive descent over one text.
class TypeParser {
 public:
  explicit TypeParser(std::string_view text) : rest_(text) {}

  bool whole() { return type(0) && rest_.empty(); }

 private:
  std::string_view word() {
    auto word = rest_.substr(0, word_size(rest_));
    rest_.remove_prefix(word.size());
    return word;
  }

  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool type(int depth) {
    if (depth == kMaxNesting) return false;
    auto name = word();
    const BuiltIn* known = find_built_in(name);
    if (known == nullptr) return is_id(name);
    if (name == "unknown") return false;
    if (known->arguments.empty()) return true;
    return take('<') && (known->arguments == "*" ? types(depth) : arguments(known->arguments, depth)) && take('>');
  }

  bool types(int depth) {
    if (!rest_.empty() && rest_[0] == '>') return true;  // tuple<>
    do {
      if (!type(depth + 1)) return false;
    } while (take(','));
    return true;
  }

  bool arguments(std::string_view wanted, int depth) {
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (i > 0 && !take(',')) return false;
      bool good = wanted[i] == 't'   ? type(depth + 1)
                  : wanted[i] == 'c' ? is_id(word())
                  : wanted[i] == 'n' ? number(word())
                                     : ratio(word());
      if (!good) return false;
    }
    return true;
  }

  static bool number(std::string_view text) {
    uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return !text.empty() && error == std::errc() && end == text.data() + text.size();
  }

  static bool ratio(std::string_view text) {
    auto slash = text.find('/');
    return slash != text.npos && number(text.substr(0, slash)) && number(text.substr(slash + 1));
  }

  std::string_view rest_;
};

}  // namespace

bool is_built_in(std::string_view name) { return find_built_in(name) != nullptr; }

bool is_id(std::string_view text) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  auto other = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '$'; };
  return !text.empty() && text.size() <= 256 && letter(text[0]) && std::all_of(text.begin(), text.end(), other) &&
         !is_built_in(text);
}

bool is_type(std::string_view text) { return TypeParser(text).whole(); }

}  // namespace ark::container::package

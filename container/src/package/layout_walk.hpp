/// What a contract reaches, each thing once, in the order in which it is met. Walks that must agree on the order use
/// it: the queue keeps them from recursing, which hostile manifests could drive as deep as they like.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace ark::container::package {

/// T: what is met, with an id. The first 64 need no allocation.
template <class T>
class Reached {
 public:
  /// Adds `thing` unless one with its id was met before. The earlier one, or nullptr if it is new.
  const T* meet(std::string_view id, const T& thing) {
    for (size_t i = 0; i < size_; ++i) {
      auto& known = at(i);
      // The same text at the same address is the usual case.
      if (known.first.data() == id.data() || known.first == id) return &known.second;
    }
    if (size_ < few_.size()) {
      few_[size_] = {id, thing};
    } else {
      more_.emplace_back(id, thing);
    }
    ++size_;
    return nullptr;
  }

  /// The next one that was met and not yet taken; false if there is none.
  bool next(std::string_view& id, T& thing) {
    if (taken_ == size_) return false;
    std::tie(id, thing) = at(taken_++);
    return true;
  }

 private:
  using Entry = std::pair<std::string_view, T>;
  Entry& at(size_t i) { return i < few_.size() ? few_[i] : more_[i - few_.size()]; }

  std::array<Entry, 64> few_;
  std::vector<Entry> more_;
  size_t size_ = 0, taken_ = 0;
};

}  // namespace ark::container::package

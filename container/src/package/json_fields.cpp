#include "package/json_fields.hpp"

#include <algorithm>

namespace ark::container::package {
namespace {

constexpr size_t kMaxOwn = 256;

}  // namespace

int ObjectKeys::take(std::string_view key) {
  auto found = std::find(keys_.begin(), keys_.end(), key);
  if (found != keys_.end()) {
    auto i = static_cast<size_t>(found - keys_.begin());
    if (seen_ & (uint64_t{1} << i)) {
      in_.fail(Code::kCorrupt, "the key stands here a second time; remove one of the two");
      return -1;
    }
    seen_ |= uint64_t{1} << i;
    return static_cast<int>(i);
  }
  if (key.substr(0, 2) != "x-") {
    refuse(key);
  } else if (std::find(own_.begin(), own_.end(), key) != own_.end()) {
    in_.fail(Code::kCorrupt, "the key stands here a second time; remove one of the two");
  } else if (own_.size() == kMaxOwn) {
    in_.fail(Code::kResourceExhausted,
             "an object has more than " + std::to_string(kMaxOwn) + " keys that begin with x-");
  } else {
    own_.push_back(key);
    in_.skip();
  }
  return -1;
}

void ObjectKeys::refuse(std::string_view key) {
  std::string text =
      "unknown key \"" + std::string(key.substr(0, 64)) + "\" in " + std::string(what_) + "; it may have ";
  for (auto known : keys_) text.append(known).append(", ");
  in_.fail(Code::kCorrupt, text + "and keys of your own that begin with x-");
}

void ObjectKeys::check(uint64_t required) {
  auto missing = required & ~seen_;
  if (missing == 0) return;
  auto key = keys_[static_cast<size_t>(__builtin_ctzll(missing))];
  in_.fail_at(begin_, Code::kCorrupt, "the key \"" + std::string(key) + "\" is missing in " + std::string(what_));
}

}  // namespace ark::container::package

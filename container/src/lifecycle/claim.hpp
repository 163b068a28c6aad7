/// What an operation is about to do to the modules that are active.
#pragma once

#include <utility>

#include "lifecycle/module_set.hpp"

namespace ark::container::lifecycle {

/// Others decide as if it had been done already. Taken with the plan mutex held; given up by its end.
class Claim {
 public:
  Claim() = default;
  Claim(const Claim&) = delete;
  ~Claim() {
    if (!set_) return;
    const auto locked = set_->lock();
    if (in_) in_->coming = false;
    if (out_) out_->leaving = false;
  }

  /// Either may be null.
  void take(ModuleSet& set, ModulePtr in, ModulePtr out) {
    const auto locked = set.lock();
    set_ = &set;
    in_ = std::move(in);
    out_ = std::move(out);
    if (in_) in_->coming = true;
    if (out_) out_->leaving = true;
  }

 private:
  ModuleSet* set_ = nullptr;
  ModulePtr in_, out_;
};

}  // namespace ark::container::lifecycle

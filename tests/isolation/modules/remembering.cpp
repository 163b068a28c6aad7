// thread_local objects with destructors: made by a static constructor, by the module's constructor, and by every thread
// that calls.
#include <atomic>

#include "isolated/isolated.hpp"

namespace {

std::atomic<int32_t> alive{0};
std::atomic<std::atomic<int>*> destroyed{nullptr};

struct Tracked {
  bool touched = false;
  Tracked() { ++alive; }
  ~Tracked() {
    --alive;
    if (auto* count = destroyed.load()) ++*count;
  }
};

// Local to functions: those of a whole file would be made together by the first use of any.
Tracked& of_static_constructor() {
  thread_local Tracked object;
  return object;
}
Tracked& of_constructor() {
  thread_local Tracked object;
  return object;
}
Tracked& of_call() {
  thread_local Tracked object;
  return object;
}

const bool made_by_static_constructor = of_static_constructor().touched = true;

class Impl final : public isolated::Remembering {
 public:
  void remember(uint64_t counter) override {
    destroyed = reinterpret_cast<std::atomic<int>*>(counter);
    of_call().touched = true;
  }
  int32_t alive() override { return ::alive; }
};

class Module {
 public:
  explicit Module(ark::Context& ctx) : published_(ctx.publish<isolated::Remembering>(impl_)) {
    of_constructor().touched = made_by_static_constructor;
  }

 private:
  Impl impl_;
  ark::Published published_;
};

}  // namespace

ARK_BIZ(Module)

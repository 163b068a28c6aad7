// The way down of one module: withdraw, drain, destroy, join, audit, unmap, verify.
#include <atomic>

#include "lifecycle/runner.hpp"
#include "service/registry.hpp"
#include "thread/known_threads.hpp"

namespace ark::container::lifecycle {
namespace {

using Clock = std::chrono::steady_clock;

/// Threads that the module has told to end, and did not join, get this long, and so do destructors that are running.
constexpr auto kThreadGrace = std::chrono::seconds(1);

/// Shared with the lent thread: it may be given up in the middle of this.
struct Fall {
  std::shared_ptr<Instance> instance;
  Core* core;
  Descent until;  ///< kMapped, kGone
  std::atomic<const char*> doing{"its destructor"};
  Down down;

  /// Each step first says where a next attempt begins, so that nothing is done twice.
  void run() {
    auto& i = *instance;
    if (i.descent == Descent::kDestroy && !destroy()) return;
    if (i.descent == Descent::kThreads && !join()) return;
    if (i.descent == Descent::kStatics && !destruct_statics()) return;
    if (i.descent == Descent::kAudit && !audit()) return;
    if (i.descent == Descent::kMapped && until == Descent::kGone) unmap();
  }

  // Whatever may wait, or run code of a module, is followed by the question whether this was given up meanwhile.

 private:
  loader::Ownership& owned() { return instance->generation->ownership; }

  /// False: the code took so long that this was given up; the instance is the asking side's alone.
  bool in_time(const std::function<void()>& code) {
    loader::call_module(code);
    return loader::LentThread::next_piece();
  }

  bool destroy() {
    auto& i = *instance;
    i.descent = Descent::kThreads;
    auto* object = std::exchange(i.object, nullptr);
    if (!object) return true;
    ark_status_t said{};
    if (!in_time([&] { i.table->stop(object, &said); })) return false;
    if (said.code != ARK_STATUS_OK) down.complaint = std::string("its destructor failed: ") + said.text;
    return true;
  }

  bool join() {
    doing = "a destructor of a thread_local variable";
    if (!in_time([&] { thread::run_farewells_of(&owned()); })) return false;
    if (!owned().wait_threads(Clock::now()) || thread::running_farewells_of(&owned())) {
      down.code = State::kQuarantined;
      down.reasons = owned().hazards([&](const void* address) { return instance->image.contains(address); });
      return false;
    }
    instance->descent = Descent::kStatics;
    return true;
  }

  bool destruct_statics() {
    doing = "a static destructor";
    instance->descent = Descent::kAudit;
    instance->image.destruct();
    return loader::LentThread::next_piece();
  }

  bool audit() {
    if (!in_time([&] { thread::run_farewells_of(&owned()); })) return false;  // static destructors may have left some
    down.reasons = owned().hazards([&](const void* address) { return instance->image.contains(address); });
    if (!down.reasons.empty()) {
      down.code = State::kQuarantined;
      return false;
    }
    auto& generation = *instance->generation;
    doing = "the destruction of a proxy";
    const auto forgotten = core->registry->forget(
        generation.services, [this](const void* address) { return instance->image.contains(address); });
    if (forgotten.kept > 0) {
      core->log(ARK_LOG_WARN, generation.label,
                std::to_string(forgotten.kept) + " references of it were never given back; they are empty now");
    }
    if (!forgotten.complete) {
      down.code = State::kQuarantined;
      down.reasons = {"a thread is inside a proxy that " + generation.label + " made, or destroys one"};
      return false;
    }
    core->dispatcher->forget(generation.events);
    core->checks->forget(generation.health);
    core->requests->forget(*generation.requests);
    owned().release_keys();
    if (!loader::LentThread::next_piece()) return false;
    instance->descent = Descent::kMapped;
    return true;
  }

  void unmap() {
    instance->table = nullptr;
    const bool gone = instance->image.close();
    if (!loader::LentThread::next_piece()) return;
    if (gone) {
      instance->descent = Descent::kGone;
      down.code = State::kUnloaded;
      return;
    }
    down.code = State::kZombie;
    for (const auto& file : instance->image.mapped()) down.reasons.push_back(file.string() + " is still mapped after it was closed");
  }
};

}  // namespace

/// Nothing new comes in; waits for what is inside.
Down Runner::drain(Instance& instance, Deadline deadline) {
  auto& generation = *instance.generation;
  Down down;
  if (!core_.requests->close(*generation.requests, deadline)) {  // first: calls that are waited for below may wait for one
    down.reasons.push_back("a callback of an operation of " + generation.label + " has not returned");
  }
  if (!core_.dispatcher->close(generation.events, deadline)) {
    for (auto& reason : core_.dispatcher->holding(generation.events)) down.reasons.push_back(std::move(reason));
  }
  if (!core_.checks->close(generation.health, deadline)) {
    down.reasons.push_back("a health check of " + generation.label + " has not returned");
  }
  if (core_.registry->close(generation.services, deadline) != thread::Drained::kYes) {
    for (int tid : core_.registry->threads_inside(generation.services)) {
      down.reasons.push_back(thread::describe(tid) + " is inside a call to " + generation.label);
    }
    if (core_.registry->is_connecting(generation.services)) {
      down.reasons.push_back("a connection that " + generation.label +
                             " makes through a carrier, or waits for, has not come about");
    }
    if (down.reasons.empty()) down.reasons.push_back("a notice to " + generation.label + " has not returned");
  }
  if (down.reasons.empty()) {
    instance.descent = Descent::kDestroy;
  } else {
    down.code = State::kQuarantined;
  }
  return down;
}

Down Runner::bring_down(const std::shared_ptr<Instance>& instance, const std::function<void(const Down&)>& recycle) {
  const auto until = recycle ? Descent::kMapped : Descent::kGone;
  const auto keep_complaint = [](const Down& first, Down then) {
    if (then.complaint.empty()) then.complaint = first.complaint;
    return then;
  };
  auto down = descend(instance, Clock::now() + instance->limits.drain, until);
  if (instance->descent == Descent::kThreads || instance->descent == Descent::kAudit) {
    instance->generation->ownership.settle(Clock::now() + kThreadGrace);  // not on the lent thread: others need it meanwhile
    down = keep_complaint(
        down, descend(instance, Clock::now(), until));  // whatever is left now, with the names that it has now
  }
  if (!recycle) return down;
  recycle(down);
  return instance->descent == Descent::kMapped ? keep_complaint(down, look_again(instance)) : down;
}

Down Runner::look_again(const std::shared_ptr<Instance>& instance) {
  return descend(instance, Clock::now(), Descent::kGone);
}

Down Runner::descend(const std::shared_ptr<Instance>& instance, Deadline drained_by, Descent until) {
  const auto& label = instance->generation->label;
  if (!instance->stuck.empty()) {
    if (!instance->has_left || !*instance->has_left) return {State::kQuarantined, {instance->stuck}, ""};
    core_.log(ARK_LOG_WARN, label, "has come back after all: what was said of it is over: " + instance->stuck);
    instance->stuck.clear();
  }
  if (instance->descent == Descent::kDrain) {
    if (auto down = drain(*instance, drained_by); !down.reasons.empty()) return down;
  }
  auto fall = std::make_shared<Fall>();
  fall->instance = instance;
  fall->core = &core_;
  fall->until = until;
  const auto outcome = lent_.run([fall] { fall->run(); }, instance->limits.stop);
  if (outcome.ok()) return fall->down;
  const std::string what = std::string(fall->doing.load()) + " " + outcome.text(instance->limits.stop);
  if (outcome.stuck()) {
    instance->stuck = label + ": " + what;
    instance->has_left = outcome.has_left;
    return {State::kQuarantined, {instance->stuck}, what};
  }
  if (outcome.end == loader::End::kNotBegun) return {State::kQuarantined, {label + ": " + what}, what};
  auto rest = descend(instance, Clock::now(), until);  // the thread has ended, the way goes on after what ended it
  if (rest.complaint.empty()) rest.complaint = what;
  return rest;
}

}  // namespace ark::container::lifecycle

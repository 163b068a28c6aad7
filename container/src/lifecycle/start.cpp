// The way up of modules: open, check, static constructors, constructor.
#include <algorithm>
#include <system_error>
#include <thread>

#include "lifecycle/host_table.hpp"
#include "lifecycle/runner.hpp"

namespace ark::container::lifecycle {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

}  // namespace

Status Ascent::status() const {
  switch (end_) {
    case End::kReturned:
      return found_.status;
    case End::kLost:
      return lost_;
    default:
      return Status(Code::kUnavailable,
                    instance_->generation->label + ": the thread that was to start it was lost before; start it again");
  }
}

/// False: it was given up before its end.
bool Ascent::run() {
  began_ = Clock::now();
  found_.status = open();
  found_.load_ms = ms_since(began_);
  if (found_.status.ok()) {
    if (!loader::LentThread::next_piece()) return false;  // the module counts as failed, its code may not run
    const auto opened = Clock::now();
    found_.status = construct();
    if (given_up_) return false;
    found_.start_ms = ms_since(opened);
  }
  found_.status = found_.status.within(instance_->generation->label);
  return end_as(End::kReturned);
}

bool Ascent::end_as(End end) {
  auto none = End::kNone;
  return end_.compare_exchange_strong(none, end);
}

/// Its thread was given up, or has ended.
void Ascent::lose(const loader::Outcome& outcome) {
  if (!end_as(End::kLost)) return;
  auto what = instance_->generation->label + ": " + doing_.load() + " " + outcome.text(instance_->limits.start);
  if (outcome.stuck()) {
    instance_->stuck = what;
    instance_->has_left = outcome.has_left;
  }
  lost_ = Status(Code::kModuleFailed, std::move(what));
}

Status Ascent::open() {
  auto& i = *instance_;
  i.descent = Descent::kMapped;
  if (auto opened = i.image.open(); !opened.ok()) return opened;
  if (auto matching = i.image.matches(*manifest_); !matching.ok()) return matching;
  i.table = &i.image.module();
  if (i.table->self) *i.table->self = {&kHostTable, &kHooksTable, i.generation.get()};
  return {};
}

Status Ascent::construct() {
  auto& i = *instance_;
  doing_ = "a static constructor";
  i.descent =
      Descent::kDrain;  // static constructors and the constructor may start threads, register, and fail half way
  if (auto statics = i.image.construct(); !statics.ok()) return statics;
  given_up_ = !loader::LentThread::next_piece();
  if (given_up_) return {};
  doing_ = "its constructor";
  ark_status_t said{};
  loader::call_module([&] { i.object = i.table->start(&kHostTable, i.generation.get(), &said); });
  if (i.object) return {};
  return Status(Code::kModuleFailed, std::string("its constructor failed: ") + said.text);
}

/// Modules that start at the same time; each lent thread takes one after the other.
struct Runner::Batch {
  std::vector<std::shared_ptr<Ascent>> all;
  std::atomic<size_t> next{0};

  Ascent* take() {
    const size_t i = next++;
    return i < all.size() ? all[i].get() : nullptr;
  }
};

void Runner::bring_up(const std::vector<std::shared_ptr<Ascent>>& all) {
  auto batch = std::make_shared<Batch>();
  batch->all = all;
  std::vector<std::thread> others;
  try {
    for (size_t i = 1; i < std::min(at_once_, all.size()); ++i) others.emplace_back([&] { drive(batch); });
  } catch (const std::system_error&) {  // there can be no more threads: fewer do
  }
  drive(batch);
  for (auto& other : others) other.join();
}

/// One thread's share of a batch. A lent thread takes modules until none is left, or until one costs the thread: then
/// another goes on.
void Runner::drive(const std::shared_ptr<Batch>& batch) {
  for (Ascent* first = batch->take(); first; first = batch->take()) {
    const auto current = std::make_shared<std::atomic<Ascent*>>(first);
    const auto outcome = lent_.run(
        [batch, current] {
          for (Ascent* ascent = *current; ascent; *current = ascent = batch->take()) {
            if (!loader::LentThread::next_piece(ascent->instance_->limits.start) || !ascent->run()) return;
          }
        },
        first->instance_->limits.start);
    if (auto* ascent = outcome.ok() ? nullptr : current->load()) ascent->lose(outcome);
  }
}

}  // namespace ark::container::lifecycle

// The way up of one module: open, check, static constructors, constructor.
#include <atomic>

#include "lifecycle/host_table.hpp"
#include "lifecycle/runner.hpp"

namespace ark::container::lifecycle {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) { return std::chrono::duration<double, std::milli>(Clock::now() - begin).count(); }

/// Shared with the lent thread: it may be given up in the middle of this.
struct Ascent {
  std::shared_ptr<Instance> instance;
  std::shared_ptr<const package::Manifest> manifest;
  std::atomic<const char*> doing{"opening its file"};
  Status status;
  Times times;

  void run() {
    const auto begin = Clock::now();
    status = open();
    times.load_ms = ms_since(begin);
    if (!status.ok() || !loader::LentThread::next_piece()) return;  // given up: the module counts as failed, its code may not run
    const auto opened = Clock::now();
    status = construct();
    times.start_ms = ms_since(opened);
  }

 private:
  Status open() {
    auto& i = *instance;
    i.descent = Descent::kMapped;
    if (auto opened = i.image.open(); !opened.ok()) return opened;
    if (auto matching = i.image.matches(*manifest); !matching.ok()) return matching;
    i.table = &i.image.module();
    if (i.table->self) *i.table->self = {&kHostTable, &kHooksTable, i.generation.get()};
    return {};
  }

  Status construct() {
    auto& i = *instance;
    doing = "a static constructor";
    i.descent = Descent::kDrain;  // static constructors and the constructor may start threads, register, and fail half way
    if (auto statics = i.image.construct(); !statics.ok()) return statics;
    if (!loader::LentThread::next_piece()) return {};
    doing = "its constructor";
    ark_status_t said{};
    loader::call_module([&] { i.object = i.table->start(&kHostTable, i.generation.get(), &said); });
    if (i.object) return {};
    return Status(Code::kModuleFailed, std::string("its constructor failed: ") + said.text);
  }
};

}  // namespace

Status Runner::bring_up(const std::shared_ptr<Instance>& instance, const std::shared_ptr<const package::Manifest>& manifest,
                        Times* times) {
  auto ascent = std::make_shared<Ascent>();
  ascent->instance = instance;
  ascent->manifest = manifest;
  const auto outcome = lent_.run([ascent] { ascent->run(); }, limits_.start);
  const auto& label = instance->generation->label;
  if (outcome.ok()) {
    *times = ascent->times;
    return ascent->status.within(label);
  }
  auto what = label + ": " + ascent->doing.load() + " " + outcome.text(limits_.start);
  if (outcome.stuck()) {
    instance->descent = Descent::kStuck;
    instance->stuck = what;
  }
  return Status(Code::kModuleFailed, std::move(what));
}

}  // namespace ark::container::lifecycle

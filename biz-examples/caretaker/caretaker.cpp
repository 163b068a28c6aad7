#include <ark/sdk.hpp>

#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// Installs the packages that lie in its data folder, and keeps their modules from being stopped by mistake.
class Caretaker {
 public:
  explicit Caretaker(ark::Context& ctx)
      : log_(ctx.log()),
        folder_(ctx.data_dir()),
        operations_(ctx.operations()),
        health_(ctx.health([this] { return health(); })),
        started_(ctx.on<ark::ContainerStarted>([this](const auto&) { install_all(); })),
        stops_(ctx.on<ark::BeforeBizStop>([this](const auto& stop) { ask_back(stop); })) {}

 private:
  /// Runs in a handler, where nothing may be waited for: each installation calls back when it is over.
  void install_all() {
    for (const auto& file : fs::directory_iterator(folder_)) {
      if (file.path().extension() != ".ark") continue;
      pending_.push_back(operations_.install(file.path(), ark::InstallOptions().transient(),
                                             [this](const ark::Outcome& outcome) { note(outcome); }));
    }
  }

  void note(const ark::Outcome& outcome) {
    const std::lock_guard lock(mutex_);
    if (outcome.ok()) {
      mine_.insert(outcome.module->name);
      log_.info("looks after " + outcome.module->name + " " + outcome.module->version);
    } else {
      trouble_ = outcome.text;
      log_.error("cannot install: " + outcome.text);
    }
  }

  /// Asked on another thread than the handlers run on.
  ark::Health health() {
    const std::lock_guard lock(mutex_);
    return trouble_.empty() ? ark::Health::up() : ark::Health::degraded(trouble_);
  }

  void ask_back(const ark::BeforeBizStop& stop) {
    const std::lock_guard lock(mutex_);
    if (mine_.count(stop.module)) stop.veto("caretaker looks after it; --force if it is meant");
  }

  ark::Logger log_;
  const std::string folder_;
  ark::Operations operations_;
  std::mutex mutex_;
  std::set<std::string> mine_;  // guarded by mutex_, as the next
  std::string trouble_;
  std::vector<ark::PendingOperation> pending_;
  // Last, so that they end first: their callbacks use what stands above.
  ark::HealthCheck health_;
  ark::Subscription started_, stops_;
};

}  // namespace

ARK_BIZ(Caretaker)

// Whether modules are fit for work: what they say themselves, and waiting until one is.
#include <ark/abi/health.h>

#include <algorithm>
#include <system_error>
#include <thread>
#include <tuple>

#include "lifecycle/container_impl.hpp"
#include "lifecycle/guarded.hpp"
#include "lifecycle/host_table.hpp"

namespace ark::container::lifecycle {

const ark_health_t kHealthTable = {
    sizeof(ark_health_t),
    0,
    [](ark_generation_t* g, const ark_checker_t* checker, ark_status_t* status) {
      return guarded<ark_health_check_t*>(status, nullptr, [&] { return g->core.checks->add(g->health, *checker); });
    },
    health::Checks::remove,
};

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr size_t kAskedAtOnce = 8;  ///< modules; one that hangs holds up an eighth of the others

/// Between two questions whether a new version is up; doubles each time, up to the second number.
constexpr milliseconds kFirstPause{5}, kLongestPause{500};

/// What there is to be asked of it; null if it does not run. Keeps what it leads to.
std::shared_ptr<const health::Client> askable(const Module& module) {
  if (module.host) return {module.host, &module.host->health};
  if (!module.constructed()) return nullptr;
  return {module.instance, &module.instance->generation->health};
}

}  // namespace

HealthInfo ContainerImpl::health_of(const Module& module) const {
  HealthInfo info;
  std::shared_ptr<const health::Client> client;
  {
    const auto locked = modules_.lock();
    info.name = module.manifest->name;
    info.version = package::to_string(module.manifest->version);
    info.kind = module.manifest->kind;
    info.state = module.state;
    client = askable(module);
    if (!client) {
      const auto& error = module.history.empty() ? std::string() : module.history.back().error;
      info.text = "it is " + std::string(state_name(module.state)) + (error.empty() ? "" : ": " + error);
    }
  }
  if (!client) {
    info.health = Health::kDown;
    return info;
  }
  auto answer = checks_->ask(*client, limits_of(info.name).health);
  info.health = answer.health;
  info.text = std::move(answer.text);
  return info;
}

Result<HealthInfo> ContainerImpl::health(std::string_view selector) const {
  const auto module = modules_.find(selector);
  if (!module.ok()) return module.status();
  return health_of(**module);
}

std::vector<HealthInfo> ContainerImpl::health() const {
  const auto all = modules_.all();
  std::vector<HealthInfo> infos(all.size());
  std::atomic<size_t> next{0};
  const auto ask = [&] {
    for (size_t i = next++; i < all.size(); i = next++) infos[i] = health_of(*all[i]);
  };
  {
    std::vector<std::jthread> others;
    try {
      for (size_t i = 1; i < std::min(kAskedAtOnce, count_askable(all)); ++i) others.emplace_back(ask);
    } catch (const std::system_error&) {  // there can be no more threads: fewer do
    }
    ask();
  }
  std::sort(infos.begin(), infos.end(), [](const HealthInfo& a, const HealthInfo& b) {
    return std::tie(a.kind, a.name, a.version) < std::tie(b.kind, b.name, b.version);
  });
  return infos;
}

/// How many of them have something to say.
size_t ContainerImpl::count_askable(const std::vector<ModulePtr>& modules) const {
  return static_cast<size_t>(std::count_if(modules.begin(), modules.end(), [&](const ModulePtr& module) {
    std::shared_ptr<const health::Client> client;
    {
      const auto locked = modules_.lock();
      client = askable(*module);
    }
    return client && checks_->count(*client) > 0;
  }));
}

/// Until it is up, or its time is over. Degraded counts as up: it works.
Status ContainerImpl::wait_healthy(Job& job, const ModulePtr& module) {
  return job.steps().run("wait until healthy", [&](std::string& remark) {
    const auto wait = limits_of(module->manifest->name).health_wait;
    const auto until = Clock::now() + wait;
    for (auto pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
      const auto info = health_of(*module);
      if (info.health != Health::kDown) {
        remark = std::string(health_name(info.health)) + (info.text.empty() ? "" : ": " + info.text);
        return Status();
      }
      const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
      if (left <= milliseconds(0)) {
        return Status(Code::kDeadlineExceeded,
                      module->label + " is down" + (info.text.empty() ? "" : ": " + info.text) + " (after " +
                          std::to_string(wait.count()) + " ms, limits.health_wait)");
      }
      if (!stay_ready(std::min(pause, left))) return Status(Code::kStopping, "the container is stopping");
    }
  });
}

/// Sleeps; false: the container is stopping.
bool ContainerImpl::stay_ready(milliseconds time) {
  std::unique_lock lock(life_mutex_);
  return !life_changed_.wait_for(lock, time, [this] { return life_ != Life::kReady; });
}

}  // namespace ark::container::lifecycle

/// Tells of what the lifecycle does: to the handlers of modules, and to the journal. What each event is, and their
/// order: docs/events.md.
///
/// Thread safety: any thread but those that are lent to modules; with no lock held. Functions return
/// when all handlers have run, but for state_changed and service_changed: these queue, from any thread.
#pragma once

#include <ark/container/container.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "event/dispatcher.hpp"
#include "event/journal.hpp"
#include "lifecycle/module.hpp"
#include "lifecycle/runner.hpp"
#include "loader/lent_thread.hpp"
#include "service/publication.hpp"

namespace ark::container::lifecycle {

class Announcer {
 public:
  using Log = std::function<void(int level, const std::string& label, const std::string& text)>;
  Announcer(event::Dispatcher& dispatcher, event::Journal& journal, loader::LentThread& lent,
            std::chrono::milliseconds handler_limit, Log log)
      : dispatcher_(dispatcher), journal_(journal), lent_(lent), limit_(handler_limit), log_(std::move(log)) {}

  // ---- one module. "before" returns the veto: FAILED_PRECONDITION with who and why.
  /// BeforePluginStartup, BeforeBizStartup: before any code of it runs. A veto is no failed start: no event follows it.
  Status before_startup(const Module& module);
  /// It is up: it hears the sticky events that it missed, and what has come of the operations that it asked for, then
  /// AfterPluginStartup or AfterBizStartup is fired; from now on stop events are.
  void after_startup(Module& module);
  /// PluginStartFailed, AfterBizStartupFailed: it could not be started, and nothing of it is left.
  void startup_failed(const Module& module, const Status& why);
  /// BeforePluginStop, BeforeBizStop: it is still up. Nothing if it was never announced, or if this has been told
  /// already; may_veto: an operator asked for the stop of this biz, and not with force. After a veto the stop is as if
  /// it had never been asked for.
  Status before_stop(Module& module, bool may_veto);
  /// It will not stop after all, though nobody vetoed it.
  void stop_called_off(Module& module) { module.stop_announced = false; }
  /// For Runner::bring_down: AfterBizStopFailed if something went wrong, BeforeBizRecycle. Empty if nobody was told
  /// that it stops, or it is a plugin.
  std::function<void(const Down&)> recycling(const Module& module);
  /// AfterPluginStop, AfterBizStop, if anybody was told that it stops.
  void after_stop(Module& module);
  /// BeforeBizSwitch, AfterBizSwitch; nothing for plugins. out: the active version, or null.
  Status before_switch(const Module& in, const Module* out);
  void after_switch(const Module& in, const Module* out);
  void activated(const Module& module);
  void deactivated(const Module& module);
  /// StateChanged; queued.
  void state_changed(const Module& module, const StateChange& from, const StateChange& to);

  // ---- the container
  /// AfterBizStartup of the host program, which was up before all modules.
  void host_started(const Module& module) { (void)fire(event::Id::kAfterBizStartup, about(module)); }
  void all_biz_started();     ///< AfterAllBizStartup, AfterFinishDeploy
  void container_started();   ///< ContainerStarted; before the container is ready
  void container_stopping();  ///< only if it has been started
  void container_stopped();

  /// ServicePublished, ServiceWithdrawn; queued.
  void service_changed(const service::Info& service, bool published);

 private:
  using Properties = std::vector<std::pair<std::string, std::string>>;
  struct About {
    std::string_view module, version;  ///< "" for the container
  };
  /// Handlers in order, and what each is told: one event for all, or one each.
  struct Batch {
    event::Handlers handlers;
    std::vector<event::FiringPtr> firings;
    event::Firing& firing_of(size_t handler) const { return *firings[firings.size() == 1 ? 0 : handler]; }
  };
  static About about(const Module& module);
  static event::Event event_of(event::Id id, About about, Properties properties);
  Status fire(event::Id id, About about, const Properties& properties = {}, bool may_veto = true);
  void deliver(Batch batch);

  event::Dispatcher& dispatcher_;
  event::Journal& journal_;
  loader::LentThread& lent_;
  const std::chrono::milliseconds limit_;
  const Log log_;
};

}  // namespace ark::container::lifecycle

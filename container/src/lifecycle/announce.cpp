#include "lifecycle/announce.hpp"

#include <atomic>
#include <functional>

#include "base/text.hpp"

namespace ark::container::lifecycle {

using event::Id;

namespace {

using From = event::Journal::From;

bool is_plugin(const Module& module) { return module.manifest->kind == Kind::kPlugin; }

/// "from STARTING, to ACTIVATED"
std::string text_of(const std::vector<std::pair<std::string, std::string>>& properties) {
  std::string text;
  for (const auto& [key, value] : properties) {
    if (!value.empty()) base::add_to_list(&text, ", ", key + " " + value);
  }
  return text;
}

}  // namespace

event::Event Announcer::event_of(Id id, About about, Properties properties) {
  return {std::string(event::name_of(id)), std::string(about.module), std::string(about.version),
          std::move(properties)};
}

Announcer::About Announcer::about(const Module& module) {
  const std::string_view name = module.manifest->name, label = module.label;
  return {name, label.substr(name.size() + 1)};
}

// ---- one module
// -----------------------------------------------------------------------------------------------------------

Status Announcer::before_startup(const Module& module) {
  return fire(is_plugin(module) ? Id::kBeforePluginStartup : Id::kBeforeBizStartup, about(module))
      .within(module.label + " is not started");
}

void Announcer::after_startup(Module& module) {
  module.announced = true;
  auto handlers = std::make_shared<std::vector<event::Subscription>>();
  std::vector<event::FiringPtr> missed;
  auto& generation = *module.instance->generation;
  for (auto& [subscription, firing] : dispatcher_.activate(generation.events)) {
    handlers->push_back(std::move(subscription));
    missed.push_back(std::move(firing));
  }
  deliver({std::move(handlers), std::move(missed)});
  generation.core.requests->activate(*generation.requests);
  (void)fire(is_plugin(module) ? Id::kAfterPluginStartup : Id::kAfterBizStartup, about(module));
}

void Announcer::startup_failed(const Module& module, const Status& why) {
  (void)fire(is_plugin(module) ? Id::kPluginStartFailed : Id::kAfterBizStartupFailed, about(module),
             {{"error", why.text()}});
}

Status Announcer::before_stop(Module& module, bool may_veto) {
  if (!module.announced || std::exchange(module.stop_announced, true)) return {};
  const auto status = fire(is_plugin(module) ? Id::kBeforePluginStop : Id::kBeforeBizStop, about(module), {}, may_veto);
  if (!status.ok()) module.stop_announced = false;
  return status.within(module.label + " is not stopped");
}

std::function<void(const Down&)> Announcer::recycling(const Module& module) {
  if (!module.stop_announced || is_plugin(module)) return {};
  return [this, &module](const Down& down) {
    std::string error = down.complaint;
    for (const auto& reason : down.reasons) base::add_to_list(&error, "; ", reason);
    if (!error.empty()) (void)fire(Id::kAfterBizStopFailed, about(module), {{"error", error}});
    (void)fire(Id::kBeforeBizRecycle, about(module));
  };
}

void Announcer::after_stop(Module& module) {
  module.announced = false;
  if (!std::exchange(module.stop_announced, false)) return;
  (void)fire(is_plugin(module) ? Id::kAfterPluginStop : Id::kAfterBizStop, about(module));
}

Status Announcer::before_switch(const Module& in, const Module* out) {
  if (is_plugin(in)) return {};
  const std::string deactivated(out ? about(*out).version : "");
  return fire(Id::kBeforeBizSwitch, about(in), {{"deactivated", deactivated}}).within(in.label + " is not activated");
}

void Announcer::after_switch(const Module& in, const Module* out) {
  if (is_plugin(in)) return;
  (void)fire(Id::kAfterBizSwitch, about(in), {{"deactivated", std::string(out ? about(*out).version : "")}});
}

void Announcer::activated(const Module& module) { (void)fire(Id::kActivated, about(module)); }
void Announcer::deactivated(const Module& module) { (void)fire(Id::kDeactivated, about(module)); }

void Announcer::state_changed(const Module& module, const StateChange& from, const StateChange& to) {
  Properties properties{{"from", std::string(state_name(from.state))},
                        {"to", std::string(state_name(to.state))},
                        {"cause", to.cause},
                        {"error", to.error}};
  const auto whose = about(module);
  journal_.add(From::kContainer, event::name_of(Id::kStateChanged), whose.module, whose.version, text_of(properties));
  dispatcher_.queue(Id::kStateChanged, event_of(Id::kStateChanged, whose, std::move(properties)));
}

// ---- the container
// --------------------------------------------------------------------------------------------------------

void Announcer::all_biz_started() {
  (void)fire(Id::kAfterAllBizStartup, {});
  (void)fire(Id::kAfterFinishDeploy, {});
}
void Announcer::container_started() { (void)fire(Id::kContainerStarted, {}); }
void Announcer::container_stopping() { (void)fire(Id::kContainerStopping, {}); }
void Announcer::container_stopped() { (void)fire(Id::kContainerStopped, {}); }

void Announcer::service_changed(const service::Info& service, bool published) {
  const auto id = published ? Id::kServicePublished : Id::kServiceWithdrawn;
  const std::string_view label = service.module;  // a version has no space
  const About whose{label.substr(0, label.rfind(' ')), label.substr(label.rfind(' ') + 1)};
  journal_.add(From::kModules, event::name_of(id), whose.module, whose.version, service.id);
  if (!dispatcher_.listens(id)) return;  // most often
  dispatcher_.queue(
      id, event_of(id, whose,
                   {{"service", service.id}, {"service_version", service.version}, {"unique_id", service.unique_id}}));
}

// ---- all of them
// ----------------------------------------------------------------------------------------------------------

/// may_veto: of an event that can be vetoed, whether it can be this time.
Status Announcer::fire(Id id, About about, const Properties& properties, bool may_veto) {
  journal_.add(From::kContainer, event::name_of(id), about.module, about.version, text_of(properties));
  if (!dispatcher_.listens(id) && !event::is_sticky(id)) return {};
  auto firing = std::make_shared<event::Firing>(event_of(id, about, properties), may_veto && event::is_vetoable(id));
  deliver({dispatcher_.handlers_of(id, firing), {firing}});
  auto verdict = firing->verdict();
  if (!verdict.ok()) journal_.add(From::kContainer, "Veto", about.module, about.version, verdict.text());
  return verdict;
}

/// In order, on the lent thread. A handler that costs the thread is reported, and the next one runs on another.
void Announcer::deliver(Batch list) {
  const auto batch = std::make_shared<const Batch>(std::move(list));
  for (size_t next = 0; next < batch->handlers->size();) {
    const auto at = std::make_shared<std::atomic<size_t>>(next);
    const auto outcome = lent_.run(
        [this, batch, at] {
          auto lane = dispatcher_.lane();
          size_t i = *at;
          const auto one = [&] { dispatcher_.deliver((*batch->handlers)[i], batch->firing_of(i), lane); };
          const std::function<void()> code = std::cref(one);
          for (; i < batch->handlers->size() && loader::LentThread::next_piece(); ++i) {
            *at = i;
            loader::call_module(code);
          }
        },
        limit_);
    if (outcome.ok()) return;
    const auto& name = batch->firing_of(*at).event().name;
    log_(ARK_LOG_ERROR, event::Dispatcher::label_of((*batch->handlers)[*at]),
         "its handler of " + name + " " + outcome.text(limit_));
    next = *at + 1;
  }
}

}  // namespace ark::container::lifecycle

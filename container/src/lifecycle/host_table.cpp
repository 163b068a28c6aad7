#include "lifecycle/host_table.hpp"

#include <ark/abi/version.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "base/files.hpp"
#include "event/dispatcher.hpp"
#include "lifecycle/extensions.hpp"
#include "lifecycle/generation.hpp"
#include "lifecycle/guarded.hpp"
#include "service/registry.hpp"
#include "thread/known_threads.hpp"

namespace ark::container::lifecycle {
namespace {

using service::Slot;

/// Runs what cannot fail in the eyes of a module: it would go on and free what is still in use. Out of memory ends it instead, with every lock
/// given back.
template <class Work>
auto unfailing(Work work) {
  try {
    return work();
  } catch (const std::exception&) {
    std::terminate();
  }
}

int32_t as_code(thread::Drained drained) {
  return drained == thread::Drained::kWouldDeadlock ? ARK_STATUS_WOULD_DEADLOCK : ARK_STATUS_OK;
}

const void* get_extension(ark_generation_t*, const char* id) { return find_extension(id); }

const char* name(ark_generation_t* g) { return g->name.c_str(); }
const char* version(ark_generation_t* g) { return g->version.c_str(); }

const char* data_dir(ark_generation_t* g, ark_status_t* status) {
  return guarded<const char*>(status, nullptr, [&]() -> Result<const char*> {
    std::lock_guard lock(g->mutex);
    if (g->data_dir.empty()) {
      const auto folder = g->core.data / g->name;
      if (auto made = base::make_dirs(folder); !made.ok()) return made.within(g->label + ": its data folder");
      g->data_dir = folder.string();
    }
    return g->data_dir.c_str();
  });
}

void log(ark_generation_t* g, int32_t level, const char* text, size_t size) {
  if (level < g->core.log_level || !g->core.log) return;
  try {
    g->core.log(level, g->label, std::string(text, size));
  } catch (const std::exception& e) {  // no reason to keep the module from its work
    std::fprintf(stderr, "ark: a message of %s is lost: %s\n", g->label.c_str(), e.what());
  }
}
int32_t log_level(ark_generation_t* g) { return g->core.log_level; }

ark_slot_t* reference(ark_generation_t* g, const ark_contract_t* contract, const ark_filter_t* filter, ark_status_t* status) {
  return guarded<ark_slot_t*>(status, nullptr, [&] { return g->core.registry->reference(g->services, contract, *filter); });
}

uint32_t references(ark_generation_t* g, const ark_contract_t* contract, const ark_filter_t* filter,
                    void (*visit)(void*, const ark_service_info_t*, ark_slot_t*), void* context, ark_status_t* status) {
  return guarded<uint32_t>(status, 0, [&] {
    return g->core.registry->references(g->services, contract, *filter,
                                        [&](const ark_service_info_t& info, ark_slot_t* slot) { visit(context, &info, slot); });
  });
}

void slot_retain(ark_slot_t* slot) { service::Registry::retain(static_cast<Slot*>(slot)); }
void slot_release(ark_slot_t* slot) {
  unfailing([&] { static_cast<Slot*>(slot)->registry->release(static_cast<Slot*>(slot)); });
}

ark_publication_t* publish(ark_generation_t* g, const ark_contract_t* contract, void* target, const ark_service_options_t* options,
                           ark_status_t* status) {
  return guarded<ark_publication_t*>(status, nullptr,
                                     [&] { return g->core.registry->publish(g->services, *contract, target, options); });
}
int32_t withdraw(ark_publication_t* p) {
  return unfailing([&] { return as_code(p->client->registry->withdraw(p)); });
}

ark_watch_t* watch(ark_generation_t* g, const ark_contract_t* contract, const ark_filter_t* filter, const ark_watcher_t* watcher,
                   ark_status_t* status) {
  return guarded<ark_watch_t*>(status, nullptr, [&] { return g->core.registry->watch(g->services, contract, *filter, *watcher); });
}
void unwatch(ark_watch_t* w) {
  unfailing([&] { w->client->registry->unwatch(w); });
}

ark_subscription_t* subscribe(ark_generation_t* g, const ark_handler_t* handler, ark_status_t* status) {
  return guarded<ark_subscription_t*>(status, nullptr, [&] { return g->core.dispatcher->subscribe(g->events, *handler); });
}
void unsubscribe(ark_subscription_t* s) {
  unfailing([&] { event::Dispatcher::of(*s).unsubscribe(s); });
}

ark_slot_t* callback(ark_generation_t* g, const ark_contract_t* contract, void* target, void (*destroy)(void*), ark_status_t* status) {
  return guarded<ark_slot_t*>(status, nullptr, [&] { return g->core.registry->callback(g->services, *contract, target, destroy); });
}
int32_t revoke(ark_slot_t* slot) {
  return unfailing([&] { return as_code(static_cast<Slot*>(slot)->registry->revoke(static_cast<Slot*>(slot))); });
}

int32_t add_carrier(ark_generation_t* g, const ark_carrier_factory_t* factory, ark_status_t* status) {
  return coded(status, [&] { return g->core.registry->add_carrier(g->services, *factory); });
}

int refuse_on_exit(ark_generation_t* g, void (*)(int, void*), void*) {
  constexpr std::string_view why = "on_exit is refused: the function would be called after its code has gone; use a destructor";
  log(g, ARK_LOG_WARN, why.data(), why.size());
  errno = ENOSYS;
  return -1;
}

}  // namespace

const ark_host_t kHostTable = {
    ARK_ABI_VERSION, sizeof(ark_host_t), get_extension, name,     version, data_dir,  log,         log_level,
    thread::more_pins, reference,        references,    slot_retain, slot_release, publish, withdraw, watch,
    unwatch,           subscribe,        unsubscribe,   callback, revoke,  add_carrier,
};

const ark_hooks_t kHooksTable = {
    sizeof(ark_hooks_t),
    0,
    [](ark_generation_t* g, pthread_t* t, const pthread_attr_t* a, void* (*f)(void*), void* x) {
      return g->ownership.create_thread(t, a, f, x);
    },
    [](ark_generation_t* g, void* state) { return g->ownership.own_thread_state(state); },
    [](ark_generation_t* g, pthread_key_t* k, void (*d)(void*)) { return g->ownership.create_key(k, d); },
    [](ark_generation_t* g, pthread_key_t k) { return g->ownership.delete_key(k); },
    [](ark_generation_t* g, void (*f)(void*), void* o) { return g->ownership.at_thread_exit(f, o); },
    [](ark_generation_t* g, int n, const struct sigaction* a, struct sigaction* o) { return g->ownership.set_signal_action(n, a, o); },
    refuse_on_exit,
    [](ark_generation_t* g, int status, int immediately) { g->ownership.exit(status, immediately != 0); },
};

}  // namespace ark::container::lifecycle

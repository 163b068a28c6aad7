#include "fake/fake_host.hpp"

#include <ark/abi/version.h>
#include <ark/sdk/pin.hpp>

#include <algorithm>
#include <cstring>
#include <deque>
#include <iterator>

namespace ark::test {
namespace {

thread_local ark_record_t record;
thread_local std::deque<ark_record_t> deep_cells;

FakeHost& host_of(ark_generation_t* generation) { return *reinterpret_cast<FakeHost*>(generation); }

template <class Handle>
Handle* handle_of(FakeHost& host) {
  return reinterpret_cast<Handle*>(&host);
}

void append(std::string& words, const char* key, const char* value) {
  if (value) words += std::string(" ") + key + "=" + value;
}

void append(std::string& words, uint32_t count, const ark_property_t* properties) {
  for (uint32_t i = 0; i < count; ++i) words += std::string(" ") + properties[i].key + ":" + properties[i].value;
}

void append(std::string& words, const ark_binding_t& binding) {
  words += std::string(" binding=") + binding.type;
  append(words, binding.property_count, binding.properties);
}

std::string words_of(const char* verb, const ark_filter_t& filter) {
  std::string words = std::string(verb) + " " + filter.id;
  append(words, "unique_id", filter.unique_id);
  append(words, "versions", filter.versions);
  append(words, filter.property_count, filter.properties);
  if (filter.binding) append(words, *filter.binding);
  return words;
}

ark_entry_t** more_pins(ark_record_t* mine) {
  return mine->next ? deep_cells.emplace_back().cell : mine->cell;
}

const char* data_dir(ark_generation_t* g, ark_status_t* status) {
  return host_of(g).refuses(status) ? nullptr : "/var/lib/ark/orders";
}

void write_log(ark_generation_t* g, int32_t level, const char* text, size_t size) {
  host_of(g).requests.push_back("log " + std::to_string(level) + " " + std::string(text, size));
}

ark_slot_t* reference(ark_generation_t* g, const ark_contract_t*, const ark_filter_t* filter, ark_status_t* status) {
  auto& host = host_of(g);
  host.requests.push_back(words_of("reference", *filter));
  if (host.refuses(status)) return nullptr;
  ++host.providers.front()->holders;
  return host.providers.front();
}

uint32_t references(ark_generation_t* g, const ark_contract_t*, const ark_filter_t* filter,
                    void (*visit)(void*, const ark_service_info_t*, ark_slot_t*), void* context, ark_status_t* status) {
  auto& host = host_of(g);
  host.requests.push_back(words_of("references", *filter));
  if (host.refuses(status)) return 0;
  for (auto* slot : host.providers) visit(context, nullptr, slot);
  return static_cast<uint32_t>(host.providers.size());
}

void slot_release(ark_slot_t* slot) {
  auto* fake = static_cast<FakeSlot*>(slot);
  if (--fake->holders == 0 && fake->destroy) fake->destroy(fake->own.target);
}

ark_publication_t* publish(ark_generation_t* g, const ark_contract_t* contract, void* target,
                           const ark_service_options_t* options, ark_status_t* status) {
  auto& host = host_of(g);
  std::string words = std::string("publish ") + contract->id + " priority=" + std::to_string(options->priority);
  append(words, "unique_id", options->unique_id);
  append(words, "version", options->version);
  append(words, options->property_count, options->properties);
  for (uint32_t i = 0; i < options->binding_count; ++i) append(words, options->bindings[i]);
  host.requests.push_back(words);
  if (host.refuses(status)) return nullptr;
  host.published = target;
  return handle_of<ark_publication_t>(host);
}

int32_t withdraw(ark_publication_t* publication) {
  reinterpret_cast<FakeHost*>(publication)->requests.push_back("withdraw");
  return ARK_STATUS_OK;
}

ark_watch_t* watch(ark_generation_t* g, const ark_contract_t*, const ark_filter_t* filter, const ark_watcher_t* watcher,
                   ark_status_t* status) {
  auto& host = host_of(g);
  host.requests.push_back(words_of("watch", *filter));
  if (host.refuses(status)) return nullptr;
  host.watcher = *watcher;
  return handle_of<ark_watch_t>(host);
}

void unwatch(ark_watch_t* watch) { reinterpret_cast<FakeHost*>(watch)->requests.push_back("unwatch"); }

ark_subscription_t* subscribe(ark_generation_t* g, const ark_handler_t* handler, ark_status_t* status) {
  auto& host = host_of(g);
  std::string words = std::string("subscribe ") + handler->event + " priority=" + std::to_string(handler->priority);
  append(words, "module", handler->module);
  host.requests.push_back(words);
  if (host.refuses(status)) return nullptr;
  host.handler = *handler;
  return handle_of<ark_subscription_t>(host);
}

void unsubscribe(ark_subscription_t* subscription) {
  reinterpret_cast<FakeHost*>(subscription)->requests.push_back("unsubscribe");
}

int64_t fire(ark_generation_t* g, const ark_type_t* type, void* value, void* (*take)(void*), void (*drop)(void*),
             ark_status_t* status) {
  auto& host = host_of(g);
  host.requests.push_back(std::string("fire ") + type->id);
  if (host.refuses(status)) return -1;
  if (!host.handler.type) return 0;
  ark_event_t event{};
  event.size = sizeof event;
  event.name = type->id;
  event.module = host.name().c_str();
  event.version = host.version().c_str();
  void* taken = take(value);
  event.value = taken;
  host.handler.handle(host.handler.self, &event, status);
  drop(taken);
  return 1;
}

ark_slot_t* callback(ark_generation_t* g, const ark_contract_t* contract, void* target, void (*destroy)(void*),
                     ark_status_t* status) {
  auto& host = host_of(g);
  if (host.refuses(status)) return nullptr;
  auto* slot = host.slot(*contract, target, destroy ? ARK_ENTRY_PROXY : 0);
  slot->destroy = destroy;
  return slot;
}

int32_t revoke(ark_slot_t* slot) {
  __atomic_store_n(&slot->entry, nullptr, __ATOMIC_SEQ_CST);
  return ARK_STATUS_OK;
}

int32_t add_carrier(ark_generation_t* g, const ark_carrier_factory_t* factory, ark_status_t* status) {
  auto& host = host_of(g);
  host.requests.push_back(std::string("add_carrier ") + factory->binding);
  return host.refuses(status) ? status->code : ARK_STATUS_OK;
}

ark_health_check_t* add_check(ark_generation_t* g, const ark_checker_t* checker, ark_status_t* status) {
  auto& host = host_of(g);
  host.requests.push_back("add check");
  if (host.refuses(status)) return nullptr;
  host.checker = *checker;
  return handle_of<ark_health_check_t>(host);
}

void remove_check(ark_health_check_t* check) {
  reinterpret_cast<FakeHost*>(check)->requests.push_back("remove check");
}

int32_t wait_started(ark_generation_t* g, int64_t timeout_ms, ark_status_t* status) {
  auto& host = host_of(g);
  host.requests.push_back("wait_started " + std::to_string(timeout_ms));
  return host.refuses(status) ? -1 : timeout_ms > 0;
}

constexpr ark_events_t kEvents{sizeof(ark_events_t), 0, fire, wait_started};
constexpr ark_health_t kHealth{sizeof(ark_health_t), 0, add_check, remove_check};

bool note(FakeHost& host, const char* how, const ark_request_t& request, ark_status_t* status) {
  host.requests.push_back(std::string(how) + " " + std::to_string(request.verb) + " flags=" +
                          std::to_string(request.flags) + " " + request.subject);
  return !host.refuses(status);
}

ark_operation_t* begin_operation(ark_generation_t* g, const ark_request_t* request, const ark_on_outcome_t* on_outcome,
                                 ark_status_t* status) {
  auto& host = host_of(g);
  if (!note(host, "begin", *request, status)) return nullptr;
  host.on_outcome = *on_outcome;
  return handle_of<ark_operation_t>(host);
}

void release_operation(ark_operation_t* operation) {
  reinterpret_cast<FakeHost*>(operation)->requests.push_back("release");
}

int32_t run_operation(ark_generation_t* g, const ark_request_t* request, void (*visit)(void*, const ark_outcome_t*),
                      void* context, ark_status_t* status) {
  auto& host = host_of(g);
  if (!note(host, "run", *request, status)) return status->code;
  visit(context, &host.outcome);
  return ARK_STATUS_OK;
}

int32_t list_modules(ark_generation_t* g, void (*visit)(void*, const ark_module_info_t*), void* context,
                     ark_status_t* status) {
  auto& host = host_of(g);
  if (host.refuses(status)) return status->code;
  visit(context, &host.module);
  return ARK_STATUS_OK;
}

constexpr ark_operations_t kOperations{
    sizeof(ark_operations_t), 0, begin_operation, release_operation, run_operation, list_modules};

const void* get_extension(ark_generation_t* g, const char* id) {
  if (!host_of(g).has_extensions) return nullptr;
  if (std::strcmp(id, ARK_EVENTS_EXTENSION) == 0) return &kEvents;
  if (std::strcmp(id, ARK_HEALTH_EXTENSION) == 0) return &kHealth;
  if (std::strcmp(id, ARK_OPERATIONS_EXTENSION) == 0) return &kOperations;
  return std::strcmp(id, "ark.known/1") == 0 ? id : nullptr;
}

}  // namespace

const ark_host_t FakeHost::kTable = {
    ARK_ABI_VERSION,
    sizeof(ark_host_t),
    get_extension,
    [](ark_generation_t* g) { return host_of(g).name().c_str(); },
    [](ark_generation_t* g) { return host_of(g).version().c_str(); },
    data_dir,
    write_log,
    [](ark_generation_t*) -> int32_t { return ARK_LOG_INFO; },
    more_pins,
    reference,
    references,
    [](ark_slot_t* slot) { ++static_cast<FakeSlot*>(slot)->holders; },
    slot_release,
    publish,
    withdraw,
    watch,
    unwatch,
    subscribe,
    unsubscribe,
    callback,
    revoke,
    add_carrier};

FakeHost::FakeHost(std::string name, std::string version)
    : table_(kTable), name_(std::move(name)), version_(std::move(version)) {}
FakeHost::~FakeHost() = default;

FakeSlot* FakeHost::slot(const ark_contract_t& contract, void* target, uint32_t flags) {
  auto& slot = *slots_.emplace_back(std::make_unique<FakeSlot>());
  slot.own = {target, generation(), &contract, flags, 0};
  slot.entry = target ? &slot.own : nullptr;
  slot.record_offset = reinterpret_cast<char*>(&record) - ark::detail::thread_pointer();
  slot.host = &table_;
  return &slot;
}

FakeSlot* FakeHost::proxy_slot(const ark_contract_t& contract, ark_carrier_t* carrier) {
  auto* made = slot(contract, contract.make_proxy(carrier), ARK_ENTRY_PROXY);
  made->destroy = contract.destroy_proxy;
  return made;
}

bool FakeHost::refuses(ark_status_t* status) {
  if (refusal.code == ARK_STATUS_OK) return false;
  *status = std::exchange(refusal, {});
  return true;
}

uint32_t pins_of_this_thread() {
  const auto count = [](const ark_record_t& cells) {
    return ARK_RECORD_CELLS - std::count(std::begin(cells.cell), std::end(cells.cell), nullptr);
  };
  auto pins = count(record);
  for (const auto& cells : deep_cells) pins += count(cells);
  return static_cast<uint32_t>(pins);
}
const ark_entry_t* outermost_pin_of_this_thread() { return record.cell[0]; }

}  // namespace ark::test

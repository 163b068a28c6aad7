#include "lifecycle/requests.hpp"

#include <ark/abi/module.h>
#include <pthread.h>

#include <algorithm>
#include <filesystem>

#include "lifecycle/generation.hpp"
#include "lifecycle/guarded.hpp"
#include "lifecycle/host_table.hpp"
#include "loader/lent_thread.hpp"
#include "thread/gate.hpp"
#include "thread/known_threads.hpp"

using ark::container::lifecycle::RequestClient;

struct ark_operation_t {
  std::shared_ptr<RequestClient> client;
  ark_verb_t verb;
  uint32_t flags;
  std::string subject;
  ark_on_outcome_t on_outcome;  // without `done` if nobody is to be told
  ark::container::By by;
  ark::container::thread::Gate gate;
  ark::container::Operation outcome;  // once it is over
  bool over = false;                  // guarded by the mutex of Requests
};

namespace ark::container::lifecycle {

namespace {

struct Verb {
  const char* name;
  uint32_t flags;  ///< that it has
  bool takes_package;
};

constexpr Verb kVerbs[] = {
    {"install", ARK_OPERATION_SWITCH | ARK_OPERATION_TRANSIENT, true},
    {"replace", ARK_OPERATION_TRANSIENT, true},
    {"switch", 0, false},
    {"start", 0, false},
    {"stop", ARK_OPERATION_FORCE, false},
    {"uninstall", ARK_OPERATION_FORCE, false},
};

Status check(const ark_request_t& request) {
  const auto wrong = [](const std::string& text) { return Status(Code::kInvalidArgument, text); };
  if (request.verb < 0 || static_cast<size_t>(request.verb) >= std::size(kVerbs)) {
    return wrong("there is no operation number " + std::to_string(request.verb) + "; this container has 0 to " +
                 std::to_string(std::size(kVerbs) - 1));
  }
  const auto& verb = kVerbs[request.verb];
  if (const auto unknown = request.flags & ~verb.flags) {
    return wrong(std::string(verb.name) + " has no option " + std::to_string(unknown) +
                 "; see ARK_OPERATION_... in ark/abi/operations.h");
  }
  const std::string subject = request.subject ? request.subject : "";
  if (verb.takes_package && !std::filesystem::path(subject).is_absolute()) {
    return wrong(std::string(verb.name) + " needs the absolute path of a package, not '" + subject + "'");
  }
  if (subject.empty()) return wrong(std::string(verb.name) + " needs NAME or NAME:VERSION of a module");
  return {};
}

Operation perform(Container& container, const ark_operation_t& asked) {
  const bool transient = asked.flags & ARK_OPERATION_TRANSIENT, forced = asked.flags & ARK_OPERATION_FORCE;
  switch (asked.verb) {
    case ARK_VERB_INSTALL:
      return container.install(asked.subject, {(asked.flags & ARK_OPERATION_SWITCH) != 0, transient}, asked.by);
    case ARK_VERB_REPLACE:
      return container.replace(asked.subject, {false, transient}, asked.by);
    case ARK_VERB_SWITCH:
      return container.switch_to(asked.subject, asked.by);
    case ARK_VERB_START:
      return container.start_module(asked.subject, asked.by);
    case ARK_VERB_STOP:
      return container.stop_module(asked.subject, forced, asked.by);
    case ARK_VERB_UNINSTALL:
      return container.uninstall(asked.subject, forced, asked.by);
  }
  return {};  // check() lets no other through
}

void show(const Operation& operation, const std::function<void(const ark_outcome_t&)>& to) {
  ark_module_info_t module{};
  if (operation.module) module = info_for_modules(*operation.module);
  to({sizeof(ark_outcome_t), static_cast<int32_t>(operation.status.code()), operation.id, operation.status.text().c_str(),
      operation.module ? &module : nullptr});
}

}  // namespace

ark_module_info_t info_for_modules(const ModuleInfo& info) {
  return {sizeof(ark_module_info_t),
          static_cast<int32_t>(info.kind == Kind::kPlugin ? ARK_MODULE_PLUGIN : ARK_MODULE_BIZ),
          info.priority,
          info.generation,
          info.name.c_str(),
          info.version.c_str(),
          state_name(info.state).data(),
          info.error.c_str()};
}

Requests::~Requests() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  for (auto& thread : threads_) thread.join();
}

Result<Request> Requests::add(const RequestClientPtr& client, const ark_request_t& request, const ark_on_outcome_t* on_outcome,
                              const By& by) {
  if (auto wrong = check(request); !wrong.ok()) return wrong.within(client->label);
  auto asked = std::make_shared<ark_operation_t>();
  asked->client = client;
  asked->verb = static_cast<ark_verb_t>(request.verb);
  asked->flags = request.flags;
  asked->subject = request.subject;
  asked->on_outcome = on_outcome ? *on_outcome : ark_on_outcome_t{};
  asked->by = by;
  std::lock_guard lock(mutex_);
  if (client->closing) return Status(Code::kStopping, client->label + " is stopping; it can ask for nothing more");
  if (client->pending == kPending) {
    return Status(Code::kResourceExhausted, client->label + " has asked for " + std::to_string(kPending) +
                                                " operations that are not over; wait for some of them");
  }
  if (idle_ <= queue_.size() && threads_.size() < kThreads) threads_.emplace_back([this] { work(); });
  client->open.push_back(asked);
  queue_.push_back(asked);
  ++client->pending;
  changed_.notify_all();
  return asked;
}

Result<ark_operation_t*> Requests::begin(const RequestClientPtr& client, const ark_request_t& request,
                                         const ark_on_outcome_t* on_outcome) {
  auto asked = add(client, request, on_outcome, {"module " + client->label});
  if (!asked.ok()) return asked.status();
  return asked->get();
}

void Requests::release(ark_operation_t* raw) {
  const auto owner = raw->client;
  auto& client = *owner;
  Request request;
  {
    std::lock_guard lock(client.requests->mutex_);
    const auto found = std::find_if(client.open.begin(), client.open.end(), [&](auto& r) { return r.get() == raw; });
    if (found == client.open.end()) return;
    request = std::move(*found);
    client.open.erase(found);
  }
  request->gate.close();
}

Status Requests::run(const RequestClientPtr& client, const ark_request_t& request, Visit visit, void* context) {
  if (loader::LentThread::here()) {
    return Status(Code::kWouldDeadlock,
                  client->label +
                      ": an operation cannot be waited for in a constructor, destructor, event handler or notice: it "
                      "may need the thread that waits; pass a callback, or ask from a thread of your own");
  }
  auto asked = add(client, request, nullptr, {"module " + client->label, client->name, thread::current_tid()});
  if (!asked.ok()) return asked.status();
  bool over;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return (*asked)->over || client->closing; });
    over = (*asked)->over;
    std::erase(client->open, *asked);
  }
  if (!over) {
    return Status(Code::kStopping, client->label + " is stopping; the operation goes on, and nobody waits for it");
  }
  const auto& outcome = (*asked)->outcome;
  if (outcome.status.code() == Code::kWouldDeadlock) return outcome.status;
  show(outcome, [&](const ark_outcome_t& c_outcome) { visit(context, &c_outcome); });
  return {};
}

/// One of the threads.
void Requests::work() {
  pthread_setname_np(pthread_self(), "ark-operations");
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    const auto request = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    // Who asks in a constructor, or when the container has just started, means the container that has started.
    (void)environment_.container.wait_ready(std::chrono::hours(24 * 365));
    finish(request, perform(environment_.container, *request));
    lock.lock();
  }
}

void Requests::finish(const Request& request, Operation outcome) {
  request->outcome = std::move(outcome);
  bool told;
  {
    std::lock_guard lock(mutex_);
    request->over = true;
    --request->client->pending;
    told = request->client->active && request->on_outcome.done;
    changed_.notify_all();
  }
  if (told) tell(request);
}

void Requests::tell(const Request& request) {
  environment_.post(request->client->label, [request] {
    const thread::Gate::Inside inside(request->gate);
    if (!inside) return;
    show(request->outcome,
         [&](const ark_outcome_t& outcome) { request->on_outcome.done(request->on_outcome.self, &outcome); });
  });
}

void Requests::activate(RequestClient& client) {
  std::vector<Request> over;
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(client.active, true)) return;
    std::copy_if(client.open.begin(), client.open.end(), std::back_inserter(over),
                 [](const Request& request) { return request->over && request->on_outcome.done; });
  }
  for (const auto& request : over) tell(request);
}

bool Requests::close(RequestClient& client, std::chrono::steady_clock::time_point deadline) {
  std::vector<Request> closing;
  {
    std::lock_guard lock(mutex_);
    client.closing = true;
    closing = client.open;
    changed_.notify_all();
  }
  bool all = true;
  for (const auto& request : closing) all = request->gate.close(deadline) && all;
  return all;
}

void Requests::forget(RequestClient& client) {
  std::lock_guard lock(mutex_);
  client.open.clear();
}

namespace {

ark_operation_t* begin(ark_generation_t* g, const ark_request_t* request, const ark_on_outcome_t* on_outcome,
                       ark_status_t* status) {
  return guarded<ark_operation_t*>(status, nullptr,
                                   [&] { return g->core.requests->begin(g->requests, *request, on_outcome); });
}

int32_t run(ark_generation_t* g, const ark_request_t* request, Requests::Visit visit, void* context,
            ark_status_t* status) {
  return coded(status, [&] { return g->core.requests->run(g->requests, *request, visit, context); });
}

int32_t modules(ark_generation_t* g, void (*visit)(void*, const ark_module_info_t*), void* context,
                ark_status_t* status) {
  return coded(status, [&] {
    for (const auto& module : g->core.requests->modules()) {
      const auto info = info_for_modules(module);
      visit(context, &info);
    }
    return Status();
  });
}

}  // namespace

const ark_operations_t kOperationsTable = {sizeof(ark_operations_t), 0, begin, Requests::release, run, modules};

}  // namespace ark::container::lifecycle

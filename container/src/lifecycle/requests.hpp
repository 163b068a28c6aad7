/// Operations that modules ask for: they run on a few threads of the container, never on the module's own, so that a
/// module may go while one that it has begun is under way.
///
/// Thread safety: any thread. No module code runs with the mutex held.
#pragma once

#include <ark/abi/operations.h>
#include <ark/container/container.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ark::container::lifecycle {

class Requests;
using Request = std::shared_ptr<ark_operation_t>;

/// What one generation of a module has asked for. Shared with what it has asked for; guarded by the mutex of Requests.
struct RequestClient {
  Requests* requests = nullptr;
  std::string name, label;  ///< "orders", "orders 1.0.0"
  bool active = false;      ///< its constructor has returned: its callbacks may be called
  bool closing = false;
  size_t pending = 0;  ///< that are not over
  std::vector<Request> open;  ///< whose handles it has
};

using RequestClientPtr = std::shared_ptr<RequestClient>;

class Requests {
 public:
  struct Environment {
    Container& container;
    std::function<void(const std::string& label, std::function<void()> work)> post;  ///< run on the lifecycle thread
  };
  explicit Requests(Environment environment) : environment_(std::move(environment)) {}
  /// Returns when all that was asked for is over: the container must be stopping by then, or stopped.
  ~Requests();

  // ---- for modules; the contracts of ark_operations_t hold
  using Visit = void (*)(void* context, const ark_outcome_t* outcome);
  Result<ark_operation_t*> begin(const RequestClientPtr& client, const ark_request_t& request, const ark_on_outcome_t* on_outcome);
  static void release(ark_operation_t* operation);
  Status run(const RequestClientPtr& client, const ark_request_t& request, Visit visit, void* context);
  std::vector<ModuleInfo> modules() const { return environment_.container.modules(); }

  // ---- for the lifecycle
  /// What its constructor asked for may be answered now.
  void activate(RequestClient& client);
  /// None of the client's callbacks runs from now on, and nobody waits for an operation in its name; the operations go on.
  /// False: a callback is still running at the deadline.
  bool close(RequestClient& client, std::chrono::steady_clock::time_point deadline);
  void forget(RequestClient& client);

 private:
  static constexpr size_t kThreads = 8;     ///< operations at the same time; some may wait for their turn
  static constexpr size_t kPending = 256;  ///< of one module

  Result<Request> add(const RequestClientPtr& client, const ark_request_t& request, const ark_on_outcome_t* on_outcome,
                      const By& by);
  void work();
  void finish(const Request& request, Operation outcome);
  void tell(const Request& request);

  const Environment environment_;
  std::mutex mutex_;
  std::condition_variable changed_;    // something has been asked for, is over, or is waited for no more
  std::deque<Request> queue_;          // guarded by mutex_, as all below
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool ending_ = false;
};

/// What a module is told of another one; it borrows the texts of `info`.
ark_module_info_t info_for_modules(const ModuleInfo& info);

}  // namespace ark::container::lifecycle

/// A container of a few lines, in the test's own process: slots, pins and callbacks work as ark/abi says, everything
/// else is written down.
#pragma once

#include <ark/abi/health.h>
#include <ark/abi/host.h>
#include <ark/abi/operations.h>
#include <ark/sdk/context.hpp>

#include <memory>
#include <string>
#include <vector>

namespace ark::test {

/// A slot whose entry the test changes. Counts its holders; frees nothing but its callback's target.
struct FakeSlot : ark_slot_t {
  int holders = 1;
  ark_entry_t own{};
  void (*destroy)(void* target) = nullptr;
};

/// One module's view of a container. Any thread may make calls through its slots; the rest is for one thread.
class FakeHost {
 public:
  FakeHost(std::string name = "orders", std::string version = "1.0.0");
  ~FakeHost();
  FakeHost(const FakeHost&) = delete;

  const ark_host_t* table() const { return &table_; }
  ark_generation_t* generation() { return reinterpret_cast<ark_generation_t*>(this); }
  ark::Context context() { return {table(), generation()}; }

  /// A slot that leads to target, or to nobody. Owned by the host.
  FakeSlot* slot(const ark_contract_t& contract, void* target, uint32_t flags = 0);
  template <class T>
  FakeSlot* slot(T& service, uint32_t flags = 0) {
    return slot(ark::contract_of<T>(), &service, flags);
  }
  /// A proxy of `contract` that hands its calls to carrier.
  FakeSlot* proxy_slot(const ark_contract_t& contract, ark_carrier_t* carrier);

  /// Requests of the module, one a line, in words: "publish com.acme.Greeter priority=100".
  std::vector<std::string> requests;
  /// The next request is refused with this.
  ark_status_t refusal{};
  /// What is handed out by reference and references.
  std::vector<FakeSlot*> providers;
  /// What the module registered last.
  ark_watcher_t watcher{};
  ark_handler_t handler{};
  ark_checker_t checker{};
  ark_on_outcome_t on_outcome{};
  /// What comes of every operation, and the only module there is.
  ark_outcome_t outcome{sizeof(ark_outcome_t), ARK_STATUS_OK, 7, "", nullptr};
  ark_module_info_t module{sizeof(ark_module_info_t), 0, 100, 3, "audit", "1.0.0", "ACTIVATED", ""};
  void* published = nullptr;
  /// An older container has none.
  bool has_extensions = true;

  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }
  bool refuses(ark_status_t* status);

 private:
  static const ark_host_t kTable;
  ark_host_t table_;
  std::string name_, version_;
  std::vector<std::unique_ptr<FakeSlot>> slots_;
};

/// Cells in use by the calling thread: how many pins it holds.
uint32_t pins_of_this_thread();
/// The entry that the outermost pin of this thread names, or null.
const ark_entry_t* outermost_pin_of_this_thread();

}  // namespace ark::test

/// Tells a module of publications as they come and go, each once, in order.
#pragma once

#include <ark/abi/service.h>

#include <deque>
#include <memory>
#include <mutex>

#include "service/filter.hpp"
#include "service/publication.hpp"
#include "thread/gate.hpp"

namespace ark::container::service {

struct Client;
struct Slot;

/// slot: a count of a slot fixed to the publication; null for a removal.
struct Notice {
  std::shared_ptr<const Info> info;
  Slot* slot;
};

}  // namespace ark::container::service

struct ark_watch_t {
  ark::container::service::Client* client;
  const ark_contract_t* importer;  ///< null: any layout
  ark::container::service::Filter filter;
  ark_watcher_t watcher;
  ark::container::thread::Gate gate;

  bool wants(const ark::container::service::Publication& publication) const;
  void queue(ark::container::service::Notice notice);
  /// Calls the module for the oldest notice; give_back gets its slot afterwards. [lifecycle thread]
  void deliver_next(const std::function<void(ark::container::service::Slot*)>& give_back);

 private:
  bool take(ark::container::service::Notice* notice);

  std::mutex mutex_;
  std::deque<ark::container::service::Notice> notices_;  // guarded by mutex_
};

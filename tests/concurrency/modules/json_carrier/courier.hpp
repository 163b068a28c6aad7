/// A thread of this plugin that carries calls of others: what makes the begin and the completion of a call stand apart.
#pragma once

#include <ark/abi/contract.h>
#include <ark/abi/service.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "callbacks.hpp"

namespace json_carrier {

/// Any thread may send. Destroyed when nothing is on its way any more.
class Courier {
 public:
  struct Letter {
    ark_slot_t* to;
    const ark_call_t* call;
    ark_completion_t* completion;
  };
  explicit Courier(Callbacks& callbacks);
  ~Courier();
  void send(const Letter& letter);

 private:
  void run();

  Callbacks& callbacks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Letter> letters_;  // guarded by mutex_, as the next
  bool end_ = false;
  std::thread thread_;
};

}  // namespace json_carrier

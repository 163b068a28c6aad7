/// Clients that wait for the next event, without a thread for them.
#pragma once

#include <ark/container/container.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>

#include "ops/api.hpp"

namespace ark::container::ops {

/// Thread safety: the thread that runs `io`. close() comes before the end of either.
class EventWaits {
 public:
  EventWaits(Container& container, boost::asio::io_context& io, size_t most)
      : container_(container), io_(io), most_(most) {}
  EventWaits(const EventWaits&) = delete;

  /// Calls `answer` once there are newer events, or the time is over. False: so many wait that it takes no more.
  bool add(const EventWait& wait, std::function<void()> answer);
  /// All are answered now, and nobody waits any more.
  void close();

 private:
  struct Wait {
    uint64_t since;
    std::function<void()> answer;
    boost::asio::steady_timer timer;
  };
  void finish(uint64_t id);
  void look();

  Container& container_;
  boost::asio::io_context& io_;
  const size_t most_;
  bool asked_ = false;  // to be told
  bool closed_ = false;
  uint64_t next_id_ = 1;
  std::map<uint64_t, Wait> waits_;
};

}  // namespace ark::container::ops

#include "courier.hpp"

#include "messages.hpp"

namespace json_carrier {

Courier::Courier(Callbacks& callbacks) : callbacks_(callbacks), thread_([this] { run(); }) {}

Courier::~Courier() {
  {
    std::lock_guard lock(mutex_);
    end_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Courier::send(const Letter& letter) {
  {
    std::lock_guard lock(mutex_);
    letters_.push_back(letter);
  }
  changed_.notify_one();
}

void Courier::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return end_ || !letters_.empty(); });
    if (letters_.empty()) return;
    const auto letter = letters_.front();
    letters_.pop_front();
    lock.unlock();
    carry(letter.to, *letter.call, callbacks_);
    letter.completion->done(letter.completion);
  }
}

}  // namespace json_carrier

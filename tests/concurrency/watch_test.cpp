// A watch is told of each publication once when it comes and once when it goes, in that order, and of nothing after it
// was dropped.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "batch/batch.hpp"
#include "support/host_client.hpp"

namespace {

class Item final : public batch::Item {
 public:
  int32_t number() const override { return 1; }
};

/// "+id" and "-id" in the order in which they were told.
class Notices {
 public:
  void add(std::string notice) {
    std::lock_guard lock(mutex_);
    all_.push_back(std::move(notice));
    changed_.notify_all();
  }
  std::vector<std::string> await(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(60), [&] { return all_.size() >= count; });
    return all_;
  }
  std::vector<std::string> all() { return await(0); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;  // guarded by mutex_
};

ark::Watch watch_into(ark::Context& ctx, Notices& notices) {
  return ctx.watch<batch::Item>(
      [&](const ark::Service<batch::Item>& service) { notices.add("+" + std::string(service.info().unique_id)); },
      [&](const ark::ServiceInfo& info) { notices.add("-" + std::string(info.unique_id)); });
}

/// Publishes and withdraws at random, and notes what it did, in the terms of Notices.
class Publisher {
 public:
  Publisher(ark::Context& ctx, Item& item, std::string name, uint32_t seed)
      : ctx_(ctx), item_(item), name_(std::move(name)), random_(seed) {}

  void run(int changes) {
    for (int i = 0; i < changes; ++i) change();
  }
  void withdraw_all() {
    while (!live_.empty()) withdraw(live_.begin());
  }
  const std::vector<std::string>& done() const { return done_; }

 private:
  void change() {
    if (live_.empty() || random_() % 2) {
      const auto id = name_ + std::to_string(next_++);
      live_.emplace(id, ctx_.publish<batch::Item>(item_, ark::ServiceOptions().unique_id(id)));
      done_.push_back("+" + id);
    } else {
      withdraw(std::next(live_.begin(), static_cast<long>(random_() % live_.size())));
    }
  }
  void withdraw(std::map<std::string, ark::Published>::iterator which) {
    done_.push_back("-" + which->first);
    live_.erase(which);
  }

  ark::Context& ctx_;
  Item& item_;
  const std::string name_;
  std::mt19937 random_;
  int next_ = 0;
  std::map<std::string, ark::Published> live_;
  std::vector<std::string> done_;
};

/// The notices about one publisher's services.
std::vector<std::string> about(const std::vector<std::string>& notices, char publisher) {
  std::vector<std::string> some;
  std::copy_if(notices.begin(), notices.end(), std::back_inserter(some),
               [&](const auto& n) { return n[1] == publisher; });
  return some;
}

class WatchTest : public testing::Test {
 protected:
  ark::test::HostedContainer container_;
  ark::test::HostContext observer_{*container_, "observer"};
  Item item_;
};

TEST_F(WatchTest, SeesEachOf1000RandomPublicationsAndWithdrawalsOnceAndInOrder) {
  constexpr int kPublishers = 4, kChanges = 250;
  Notices notices;
  auto watch = watch_into(*observer_, notices);
  std::vector<std::unique_ptr<Publisher>> publishers;
  std::vector<std::thread> threads;
  for (int i = 0; i < kPublishers; ++i) {
    publishers.push_back(
        std::make_unique<Publisher>(container_.context(), item_, std::string(1, static_cast<char>('a' + i)), 100u + i));
    threads.emplace_back([p = publishers.back().get()] {
      p->run(kChanges);
      p->withdraw_all();
    });
  }
  for (auto& thread : threads) thread.join();
  size_t total = 0;
  for (auto& publisher : publishers) total += publisher->done().size();
  ASSERT_GE(total, 1000u);
  const auto seen = notices.await(total);
  for (int i = 0; i < kPublishers; ++i) EXPECT_EQ(about(seen, static_cast<char>('a' + i)), publishers[i]->done());
  EXPECT_EQ(seen.size(), total);
}

/// Watches that begin while publications come and go: each starts from what is there, and misses and doubles nothing
/// from then on.
TEST_F(WatchTest, ThatBeginsInTheMiddleIsToldOfWhatIsThereAndOfEveryChangeAfterwards) {
  Publisher first(container_.context(), item_, "a", 1), second(container_.context(), item_, "b", 2);
  std::thread a([&] { first.run(500); }), b([&] { second.run(500); });
  struct Watching {
    Notices notices;
    ark::Watch watch;
  };
  std::vector<std::unique_ptr<Watching>> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(std::make_unique<Watching>());
    all.back()->watch = watch_into(*observer_, all.back()->notices);
  }
  a.join();
  b.join();
  first.withdraw_all();
  second.withdraw_all();
  Item last;
  auto end = container_.context().publish<batch::Item>(last, ark::ServiceOptions().unique_id("last"));
  for (auto& one : all) {
    std::map<std::string, std::string> told;  // of each service, in order
    auto notices = one->notices.all();
    for (size_t want = notices.size(); notices.empty() || notices.back() != "+last";
         notices = one->notices.await(++want)) {
      ASSERT_LT(want, 3000u) << "the last publication was not seen";
    }
    for (const auto& notice : notices) told[notice.substr(1)] += notice[0];
    for (const auto& [id, signs] : told) EXPECT_EQ(signs, id == "last" ? "+" : "+-") << id;
    // What it was told of each publisher's services since the first change it was told of as a change is that
    // publisher's own order.
    for (auto* publisher : {&first, &second}) {
      const auto& done = publisher->done();
      std::vector<std::string> withdrawn_done, withdrawn_seen;
      for (const auto& d : done) {
        if (d[0] == '-' && told.count(d.substr(1))) withdrawn_done.push_back(d);
      }
      for (const auto& n : about(notices, done.front()[1])) {
        if (n[0] == '-') withdrawn_seen.push_back(n);
      }
      EXPECT_EQ(withdrawn_seen, withdrawn_done);
      // It knows every service whose end came after its beginning: the ones it knows are the last ones to end.
      size_t known = 0, ends = 0;
      bool gap = false;
      for (auto d = done.rbegin(); d != done.rend(); ++d) {
        if ((*d)[0] != '-') continue;
        ++ends;
        const bool knows = told.count(d->substr(1)) > 0;
        if (knows && gap) ADD_FAILURE() << *d << " was seen, but not a later end";
        gap = gap || !knows;
        known += knows;
      }
      EXPECT_LE(known, ends);
    }
  }
}

TEST_F(WatchTest, DroppedOnAnotherThreadIsWaitedFor) {
  std::atomic<bool> inside{false}, dropping{false};
  std::optional<ark::Watch> watch = observer_->watch<batch::Item>(
      [&](const ark::Service<batch::Item>&) {
        inside = true;
        while (!dropping) std::this_thread::yield();
        for (int i = 0; i < 1000; ++i)
          std::this_thread::yield();  // so that a drop that does not wait is over before this is
        inside = false;
      },
      [](const ark::ServiceInfo&) {});
  auto published = container_.context().publish<batch::Item>(item_);
  while (!inside) std::this_thread::yield();
  dropping = true;
  watch.reset();
  EXPECT_FALSE(inside) << "the watch was dropped while its notice was running";
}

TEST_F(WatchTest, MayBeDroppedFromInsideItsOwnNoticeAndIsToldOfNothingMore) {
  std::optional<ark::Watch> watch;
  Notices notices, others;
  std::mutex made;  // the notice may come before the assignment below is done
  made.lock();
  watch = observer_->watch<batch::Item>(
      [&](const ark::Service<batch::Item>&) {
        std::lock_guard lock(made);
        watch.reset();
        notices.add("+");
      },
      [&](const ark::ServiceInfo&) { notices.add("-"); });
  made.unlock();
  auto other = watch_into(*observer_, others);
  {
    auto first = container_.context().publish<batch::Item>(item_, ark::ServiceOptions().unique_id("1"));
    auto second = container_.context().publish<batch::Item>(item_, ark::ServiceOptions().unique_id("2"));
  }
  EXPECT_EQ(others.await(4).size(), 4u);
  EXPECT_EQ(notices.all(), std::vector<std::string>{"+"});
}

/// What the notices use goes right after the watch: one that came later would be seen by a sanitizer, and by the mark.
TEST_F(WatchTest, IsToldOfNothingAfterItWasDroppedWhateverTheMoment) {
  std::atomic<bool> end{false};
  std::vector<std::thread> publishers;
  struct Joining {
    std::atomic<bool>& end;
    std::vector<std::thread>& threads;
    ~Joining() {
      end = true;
      for (auto& thread : threads) thread.join();
    }
  } joining{end, publishers};
  for (int i = 0; i < 3; ++i) {
    publishers.emplace_back([&, i] {
      Publisher publisher(container_.context(), item_, std::string(1, static_cast<char>('a' + i)), 7u + i);
      while (!end) publisher.run(10);
      publisher.withdraw_all();
    });
  }
  struct State {
    std::atomic<int> notices{0};
    std::atomic<bool> gone{false}, told_when_gone{false};
    void note() {
      ++notices;
      for (int i = 0; i < 5; ++i)
        std::this_thread::yield();  // so that a drop that does not wait is over before this is
      if (gone) told_when_gone = true;
    }
  };
  for (int round = 0; round < 50; ++round) {
    auto state = std::make_unique<State>();
    {
      auto watch = observer_->watch<batch::Item>([&state = *state](const ark::Service<batch::Item>&) { state.note(); },
                                                 [&state = *state](const ark::ServiceInfo&) { state.note(); });
      while (state->notices < round % 10) std::this_thread::yield();
    }
    state->gone = true;
    for (int i = 0; i < 5; ++i) std::this_thread::yield();
    ASSERT_FALSE(state->told_when_gone);
    state.reset();
  }
}

}  // namespace

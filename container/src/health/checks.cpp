#include "health/checks.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <new>
#include <utility>

#include "base/text.hpp"
#include "thread/gate.hpp"

using ark::container::health::Answer;
using ark::container::health::Client;

struct ark_health_check_t {
  Client* client;
  ark_checker_t checker;
  ark::container::thread::Gate gate;
  std::mutex mutex;
  std::condition_variable answered;
  bool asked = false;    // somebody waits for its answer; guarded by mutex, as all below
  uint64_t answers = 0;  // how many there have been
  Answer last;
};

namespace ark::container::health {
namespace {

/// Shared with the lent thread, which may be given up while it asks.
struct Said {
  bool asked = false;
  int32_t level = ARK_HEALTH_DOWN;
  ark_status_t status{};
};

Answer answer_of(const Said& said) {
  if (!said.asked) return {Health::kDown, "it is stopping"};
  if (said.status.code != ARK_STATUS_OK) {
    return {Health::kDown, std::string("its health check failed: ") + said.status.text};
  }
  switch (said.level) {
    case ARK_HEALTH_UP:
      return {Health::kUp, said.status.text};
    case ARK_HEALTH_DEGRADED:
      return {Health::kDegraded, said.status.text};
    case ARK_HEALTH_DOWN:
      return {Health::kDown, said.status.text};
    default:
      return {Health::kDown, "its health check answered " + std::to_string(said.level) + ", which is no level"};
  }
}

}  // namespace

Result<ark_health_check_t*> Checks::add(Client& client, const ark_checker_t& checker) {
  auto check = std::make_shared<ark_health_check_t>();
  check->client = &client;
  check->checker = checker;
  std::lock_guard lock(mutex_);
  if (client.closing) return Status(Code::kStopping, client.label + " is stopping; nobody asks for its health any more");
  client.all.push_back(check);
  return check.get();
}

void Checks::remove(ark_health_check_t* raw) {
  auto& client = *raw->client;
  Check check;
  {
    std::lock_guard lock(client.checks->mutex_);
    const auto found = std::find_if(client.all.begin(), client.all.end(), [&](auto& c) { return c.get() == raw; });
    if (found == client.all.end()) return;
    check = std::move(*found);
    client.all.erase(found);
  }
  check->gate.close();
}

std::vector<Check> Checks::checks_of(const Client& client) const {
  std::lock_guard lock(mutex_);
  return client.all;
}

size_t Checks::count(const Client& client) const { return checks_of(client).size(); }

Answer Checks::ask(const Client& client, std::chrono::milliseconds limit) {
  Answer all;
  for (const auto& check : checks_of(client)) {
    const auto answer = ask(check, limit);
    all.health = std::max(all.health, answer.health);
    if (!answer.text.empty()) base::add_to_list(&all.text, "; ", answer.text);
  }
  return all;
}

Answer Checks::ask(const Check& check, std::chrono::milliseconds limit) {
  std::unique_lock lock(check->mutex);
  if (check->asked) {  // who has asked has an answer when its limit is over
    check->answered.wait(lock, [&, before = check->answers] { return check->answers > before; });
    return check->last;
  }
  check->asked = true;
  lock.unlock();
  Answer answer;
  try {
    answer = question(check, limit);
  } catch (const std::bad_alloc&) {  // who waits for the answer must have one
    answer = {Health::kDown, "out of memory"};
  }
  lock.lock();
  check->asked = false;
  ++check->answers;
  check->last = std::move(answer);
  check->answered.notify_all();
  return check->last;
}

Answer Checks::question(const Check& check, std::chrono::milliseconds limit) {
  if (check->gate.inside()) return {Health::kDown, "its health check has not returned from an earlier question"};
  const auto said = std::make_shared<Said>();
  const auto lost = lend_(
      [check, said] {
        const thread::Gate::Inside inside(check->gate);
        if (!inside) return;
        said->level = check->checker.check(check->checker.self, &said->status);
        said->asked = true;
      },
      limit);
  if (!lost.empty()) return {Health::kDown, "its health check " + lost};
  return answer_of(*said);
}

bool Checks::close(Client& client, std::chrono::steady_clock::time_point deadline) {
  std::vector<Check> closing;
  {
    std::lock_guard lock(mutex_);
    client.closing = true;
    closing = client.all;
  }
  bool all = true;
  for (const auto& check : closing) all = check->gate.close(deadline) && all;
  return all;
}

void Checks::forget(Client& client) {
  std::lock_guard lock(mutex_);
  client.all.clear();
}

}  // namespace ark::container::health

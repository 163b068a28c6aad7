#include "event/firing.hpp"

#include <chrono>

#include "base/text.hpp"

namespace ark::container::event {

Firing::Firing(Event event, bool vetoable, Value value) : event_(std::move(event)), value_(std::move(value)) {
  for (const auto& [key, text] : event_.properties) properties_.push_back({key.c_str(), text.c_str()});
  c_.size = sizeof c_;
  c_.property_count = static_cast<uint32_t>(properties_.size());
  c_.name = event_.name.c_str();
  c_.module = event_.module.c_str();
  c_.version = event_.version.c_str();
  c_.time_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  c_.properties = properties_.data();
  c_.value = value_.object;
  if (!vetoable) return;
  c_.veto = [](const ark_event_t* event, const char* why) {
    const auto& seen = *reinterpret_cast<const Seen*>(event);  // its first member
    seen.firing->veto(*seen.listener, why);
  };
}

Firing::~Firing() {
  if (value_.drop) value_.drop();
}

void Firing::veto(const std::string& listener, const char* why) {
  std::lock_guard lock(mutex_);
  base::add_to_list(&vetoes_, "; ", listener + " vetoed " + event_.name + ": " + why);
}

Status Firing::verdict() const {
  std::lock_guard lock(mutex_);
  if (vetoes_.empty()) return {};
  return Status(Code::kFailedPrecondition, vetoes_);
}

}  // namespace ark::container::event

#include "model/model.hpp"

#include <algorithm>
#include <iterator>

namespace ark::test {
namespace {

bool serves(const Key& module) { return module.first == "server" && module.second < "2"; }
bool needs_a_server(const Key& module) { return module.first == "client"; }

const char* word_of(Verb verb) {
  switch (verb) {
    case Verb::kInstall:
      return "install";
    case Verb::kReplace:
      return "replace";
    case Verb::kSwitch:
      return "switch";
    case Verb::kStart:
      return "start";
    case Verb::kStop:
      return "stop";
    case Verb::kUninstall:
      return "uninstall";
    case Verb::kRestart:
      return "restart";
    case Verb::kCrash:
      return "crash";
  }
  return "?";
}

std::string text_of(const Fault& fault) {
  static const char* const places[] = {"", "package", "constructor", "destructor", "handler", "health check"};
  static const char* const ways[] = {"throws", "ends its thread", "exits", "hangs", "is missing", "is damaged"};
  if (fault.place == Place::kNowhere) return "";
  return std::string("; ") +
         (fault.place == Place::kPackage ? "the" : fault.module.first + " " + fault.module.second + "'s") + " " +
         places[static_cast<int>(fault.place)] + " " + ways[static_cast<int>(fault.way)];
}

}  // namespace

std::string Step::text() const {
  std::string text = word_of(verb);
  if (verb != Verb::kRestart && verb != Verb::kCrash)
    text += " " + module.first + (name_only ? "" : " " + module.second);
  if (switch_to) text += " --switch";
  if (transient) text += " --transient";
  if (force) text += " --force";
  if (several) text += ", several active";
  return text + text_of(fault);
}

// ---- what modules do

/// False: it failed, and has left no object.
bool Model::construct(const Key& module) {
  if (fault_.place != Place::kConstructor || fault_.module != module) return true;
  if (fault_.way == Way::kExits) stuck_.insert(module);
  if (fault_.way == Way::kHangs) held_.insert(module);
  return false;
}

/// What a module that takes the place of another is asked. False: it is down, and has left no object.
bool Model::is_up(const Key& module) {
  if (fault_.place != Place::kHealth || fault_.module != module) return true;
  if (fault_.way == Way::kExits) stuck_.insert(module);
  if (fault_.way == Way::kHangs) held_.insert(module);
  return false;
}

/// It is down in any case. False: there is something to say about it.
bool Model::destroy(const Key& module) {
  if (now_.at(module).in_handler) {
    stuck_.insert(module);
    return false;
  }
  const bool fails = fault_.place == Place::kDestructor && fault_.module == module;
  if (hangs_in_handler_ && fault_.module == module) {
    held_.insert(module);
    return false;
  }
  if (fails && fault_.way != Way::kThrows) (fault_.way == Way::kHangs ? held_ : stuck_).insert(module);
  return !fails;
}

/// A biz has come up, and those that are constructed hear of it.
void Model::hear_of_startup() {
  if (fault_.place != Place::kHandler) return;
  const auto it = now_.find(fault_.module);
  if (it == now_.end() || (it->second.state != State::kActivated && it->second.state != State::kDeactivated)) return;
  if (fault_.way == Way::kExits) it->second.in_handler = true;
  if (fault_.way == Way::kHangs) hangs_in_handler_ = true;
}

void Model::let_go() { held_.clear(); }

// ---- who is there

std::map<Key, State> Model::states() const {
  std::map<Key, State> states;
  for (const auto& [module, now] : now_) states[module] = now.state;
  return states;
}

std::set<Key> Model::packages() const {
  std::set<Key> packages;
  for (const auto& [module, state] : kept_) packages.insert(module);
  return packages;
}

std::vector<Key> Model::active(const std::string& name) const {
  std::vector<Key> active;
  for (const auto& [module, now] : now_) {
    if (module.first == name && now.state == State::kActivated) active.push_back(module);
  }
  return active;
}

std::vector<Key> Model::constructed() const {
  std::vector<Key> all;
  for (const auto& [module, now] : now_) {
    if (now.state == State::kActivated || now.state == State::kDeactivated) all.push_back(module);
  }
  return all;
}

std::set<Key> Model::servers_without(const Key* leaving) const {
  std::set<Key> servers;
  for (const auto& module : active("server")) {
    if (serves(module) && !(leaving && module == *leaving)) servers.insert(module);
  }
  return servers;
}

/// Others would have nobody to serve them without it.
bool Model::is_needed(const Key& module) const {
  return now_.at(module).state == State::kActivated && serves(module) && !active("client").empty() &&
         servers_without(&module).empty();
}

/// `coming` finds what it needs, and takes nothing from others when it comes in the place of `leaving`.
bool Model::fits(const Key& coming, const Key* leaving) const {
  auto servers = servers_without(leaving);
  if (needs_a_server(coming)) return !servers.empty();
  if (!leaving || !serves(*leaving) || active("client").empty()) return true;
  if (serves(coming)) servers.insert(coming);
  return !servers.empty();
}

// ---- what the next start finds

void Model::keep(const Key& module, State state) {
  if (state == State::kActivated && !several_) {
    for (auto& [other, kept] : kept_) {
      if (other.first == module.first && kept == State::kActivated) kept = State::kDeactivated;
    }
  }
  kept_[module] = state;
}

bool Model::keeps_active(const std::string& name) const {
  return std::any_of(kept_.begin(), kept_.end(),
                     [&](const auto& kept) { return kept.first.first == name && kept.second == State::kActivated; });
}

// ---- verbs

Code Model::apply(const Step& step) {
  fault_ = step.fault;
  hangs_in_handler_ = false;
  auto module = step.module;
  if (step.name_only) {
    std::vector<Key> of_name;
    for (const auto& [key, now] : now_) {
      if (key.first == module.first) of_name.push_back(key);
    }
    if (of_name.empty()) return Code::kNotFound;
    if (of_name.size() > 1) return Code::kInvalidArgument;
    module = of_name.front();
  }
  switch (step.verb) {
    case Verb::kInstall:
      return install(step);
    case Verb::kReplace:
      return replace(step);
    case Verb::kSwitch:
      return switch_to(module);
    case Verb::kStart:
      return start(module);
    case Verb::kStop:
      return stop(module, step.force);
    case Verb::kUninstall:
      return uninstall(module, step.force);
    case Verb::kRestart: {
      const auto code = stop_all();
      start_all(step.several);
      return code;
    }
    case Verb::kCrash:
      (void)stop_all();
      start_all(step.several);
      return Code::kOk;
  }
  return Code::kInternal;
}

Code Model::install(const Step& step) {
  const auto& module = step.module;
  if (step.fault.place == Place::kPackage) return step.fault.way == Way::kIsMissing ? Code::kNotFound : Code::kCorrupt;
  if (now_.count(module)) return Code::kAlreadyExists;
  const auto others = several_ && !step.switch_to ? std::vector<Key>() : active(module.first);
  if (others.size() > 1) return Code::kFailedPrecondition;
  const Key* const beside = others.empty() ? nullptr : &others.front();
  const Key* const out = step.switch_to ? beside : nullptr;
  if (!fits(module, out)) return Code::kFailedPrecondition;
  if (!construct(module)) return Code::kModuleFailed;
  if (out && !is_up(module)) return Code::kDeadlineExceeded;
  const bool goes_live = !beside || out;
  if (!step.transient) {
    const bool stands_in = beside && now_[*beside].transient && !keeps_active(module.first);
    if (out && !now_[*out].transient) kept_[*out] = State::kDeactivated;
    keep(module, goes_live || stands_in ? State::kActivated : State::kDeactivated);
  }
  if (out) now_[*out].state = State::kDeactivated;
  now_[module] = {goes_live ? State::kActivated : State::kDeactivated, step.transient, false};
  hear_of_startup();
  return Code::kOk;
}

Code Model::replace(const Step& step) {
  const auto& module = step.module;
  if (step.fault.place == Place::kPackage) return step.fault.way == Way::kIsMissing ? Code::kNotFound : Code::kCorrupt;
  const auto all = active(module.first);
  if (all.empty()) return Code::kNotFound;
  const bool same_version = std::count(all.begin(), all.end(), module) > 0;
  if (all.size() > 1 && !same_version) return Code::kFailedPrecondition;
  const auto old = same_version ? module : all.front();
  if (!same_version && now_.count(module)) return Code::kAlreadyExists;
  if (!fits(module, &old)) return Code::kFailedPrecondition;
  if (!construct(module)) return Code::kModuleFailed;
  if (!is_up(module)) return Code::kDeadlineExceeded;
  if (!step.transient) {
    if (!now_[old].transient) kept_.erase(old);
    keep(module, State::kActivated);
  }
  const Now fresh{State::kActivated, step.transient, false};
  if (!same_version) now_[module] = fresh;
  hear_of_startup();  // the old one hears of it too
  (void)destroy(old);
  now_.erase(old);
  if (same_version) {
    now_[module] = fresh;
    hear_of_startup();
  }
  return Code::kOk;
}

Code Model::switch_to(const Key& module) {
  const auto it = now_.find(module);
  if (it == now_.end()) return Code::kNotFound;
  const auto all = active(module.first);
  if (it->second.state != State::kDeactivated || all.size() > 1) return Code::kFailedPrecondition;
  const Key* const out = all.empty() ? nullptr : &all.front();
  if (!fits(module, out)) return Code::kFailedPrecondition;
  if (!it->second.transient) {
    if (out && !now_[*out].transient) kept_[*out] = State::kDeactivated;
    keep(module, State::kActivated);
  }
  if (out) now_[*out].state = State::kDeactivated;
  it->second.state = State::kActivated;
  return Code::kOk;
}

Code Model::start(const Key& module) {
  const auto it = now_.find(module);
  if (it == now_.end()) return Code::kNotFound;
  if (it->second.state != State::kStopped && it->second.state != State::kBroken) return Code::kFailedPrecondition;
  const auto others = several_ ? std::vector<Key>() : active(module.first);
  if (!fits(module, nullptr)) return Code::kFailedPrecondition;
  if (!construct(module)) {
    it->second.state = State::kBroken;
    return Code::kModuleFailed;
  }
  if (!it->second.transient) {
    const bool stands_in = !others.empty() && now_[others.front()].transient && !keeps_active(module.first);
    keep(module, others.empty() || stands_in ? State::kActivated : State::kDeactivated);
  }
  it->second.state = others.empty() ? State::kActivated : State::kDeactivated;
  hear_of_startup();
  return Code::kOk;
}

Code Model::stop(const Key& module, bool force) {
  const auto it = now_.find(module);
  if (it == now_.end()) return Code::kNotFound;
  if (it->second.state != State::kActivated && it->second.state != State::kDeactivated)
    return Code::kFailedPrecondition;
  if (is_needed(module) && !force) return Code::kFailedPrecondition;
  if (!it->second.transient) kept_[module] = State::kStopped;
  const bool well = destroy(module);
  it->second = {State::kStopped, it->second.transient, false};
  return well ? Code::kOk : Code::kModuleFailed;
}

Code Model::uninstall(const Key& module, bool force) {
  const auto it = now_.find(module);
  if (it == now_.end()) return Code::kNotFound;
  const auto state = it->second.state;
  if (is_needed(module) && !force) return Code::kFailedPrecondition;
  if (!it->second.transient) kept_.erase(module);
  const bool well = (state != State::kActivated && state != State::kDeactivated) || destroy(module);
  now_.erase(it);
  return well ? Code::kOk : Code::kModuleFailed;
}

// ---- the container as a whole

Code Model::stop_all() {
  bool well = true;
  for (const auto& module : constructed()) well = destroy(module) && well;
  left_behind_ += stuck_.size() + held_.size();
  stuck_.clear();
  held_.clear();
  return well ? Code::kOk : Code::kModuleFailed;
}

/// lifecycle.several_active has changed: only what a start would not guess by itself had been remembered.
void Model::choose_active(bool several) {
  std::map<std::string, std::vector<Key>> running, active;
  for (const auto& [module, state] : kept_) {
    if (state != State::kStopped) running[module.first].push_back(module);
    if (state == State::kActivated) active[module.first].push_back(module);
  }
  for (const auto& [name, all] : running) {
    const auto guess = [&](bool any) { return any ? all : std::vector<Key>{all.back()}; };
    auto chosen = active[name] == guess(several_) ? guess(several) : active[name];
    if (!several && chosen.size() > 1) chosen = {chosen.back()};
    for (const auto& module : all)
      kept_[module] = std::count(chosen.begin(), chosen.end(), module) ? State::kActivated : State::kDeactivated;
  }
  several_ = several;
}

void Model::start_all(bool several) {
  if (several != several_) choose_active(several);
  now_.clear();
  for (const auto& [module, state] : kept_) now_[module] = {state, false, false};
  const auto start_each = [&](bool clients) {
    const bool served = !servers_without(nullptr).empty();
    for (const auto& [module, state] : kept_) {
      if (state == State::kStopped || needs_a_server(module) != clients) continue;
      if ((clients && !served) || !construct(module)) now_[module].state = State::kBroken;
    }
  };
  start_each(false);
  start_each(true);
  hear_of_startup();
}

}  // namespace ark::test

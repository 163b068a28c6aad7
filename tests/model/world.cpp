#include "model/world.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "base/files.hpp"

namespace ark::test {

namespace fs = std::filesystem;
using container::Container;
using container::Operation;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

const std::string kPrefix = "scripted-";

std::string file_name(const Key& module) { return kPrefix + module.first + "-" + module.second + ".ark"; }
std::string script_name(const Key& module) { return module.first + "-" + module.second; }
std::string selector(const Step& step) {
  return kPrefix + step.module.first + (step.name_only ? "" : ":" + step.module.second);
}
bool is_rest(State state) { return state == State::kQuarantined || state == State::kZombie; }

std::string text_of(Code code) { return std::string(code_name(code)); }
std::string text_of(const std::map<Key, State>& states) {
  std::string text;
  for (const auto& [module, state] : states) text += " " + script_name(module) + " " + std::string(state_name(state));
  return text;
}
template <class Keys>
std::string text_of(const Keys& modules) {
  std::string text;
  for (const auto& module : modules) text += " " + script_name(module);
  return text;
}

template <class T>
void compare(const char* what, const T& container, const T& model, std::vector<std::string>* differences) {
  if (container == model) return;
  differences->push_back(std::string(what) + ": the container has" + text_of(container) + "; the model" +
                         text_of(model));
}

template <class Condition>
bool comes_true(Condition condition) {
  const auto until = steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (steady_clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

}  // namespace

const std::vector<Key>& all_modules() {
  static const std::vector<Key> all{{"one", "1.0.0"},    {"one", "1.1.0"},    {"one", "1.2.0"},    {"two", "1.0.0"},
                                    {"two", "1.1.0"},    {"server", "1.0.0"}, {"server", "1.1.0"}, {"server", "2.0.0"},
                                    {"client", "1.0.0"}, {"client", "1.1.0"}};
  return all;
}

World::World() : home_(temp_ / "home") {
  const auto whole = container::base::read_file(scripted("one"), 1 << 24);
  std::ofstream(temp_ / "damaged.ark", std::ios::binary) << whole->substr(0, whole->size() / 2);
  std::thread([] {}).join();  // with the first one ThreadSanitizer starts one of its own
  create(false);
}

void World::create(bool several) {
  before_ = ProcessFacts::now();
  mapped_before_ = mapped_files(temp_.path()).size();
  container::Options options;
  options.home = home_;
  options.limits = {milliseconds(2000), milliseconds(1000), milliseconds(2000), milliseconds(1000),
                    milliseconds(1000), milliseconds(0)};
  options.start_policy.skip = true;
  options.start_threads = 2;
  options.several_active = several;
  auto created = Container::create(std::move(options));
  if (!created.ok()) throw std::runtime_error(created.status().text());
  container_ = std::move(*created);
  if (const auto started = container_->start(); !started.status.ok()) throw std::runtime_error(started.status.text());
}

/// Only what had to stay may be there when it has gone.
std::vector<std::string> World::destroy() {
  const bool is_clean = mapped_files(temp_.path()).size() == mapped_before_;
  container_.reset();
  std::vector<std::string> leaks;
  const auto count = [&](const char* what, int64_t ProcessFacts::*member) {
    if (!comes_true([&] { return ProcessFacts::now().*member <= before_.*member; }))
      leaks.push_back(std::string(what) + ": " + std::to_string(before_.*member) +
                      " before the container was made, and " + std::to_string(ProcessFacts::now().*member) +
                      " when it has gone");
  };
  count("descriptors", &ProcessFacts::descriptors);
  if (is_clean) count("threads", &ProcessFacts::threads);
  return leaks;
}

/// What a process that is killed now leaves on the disk.
void World::crash() {
  const auto next = temp_ / ("home-" + std::to_string(++homes_));
  fs::create_directories(next);
  for (const char* folder : {"modules", "data"}) fs::copy(home_ / folder, next / folder, fs::copy_options::recursive);
  home_ = next;
}

/// Returns what the module's "wait" waits for.
std::string World::arm(const Fault& fault) {
  static const char* const places[] = {"", "", "constructor", "destructor", "handler", "health"};
  if (fault.place == Place::kNowhere || fault.place == Place::kPackage) return "";
  const auto which = "-" + std::to_string(++hangs_);
  const std::string words[] = {"throw", "end", "exit", "wait" + which};
  scripts_.tell(script_name(fault.module), places[static_cast<int>(fault.place)], words[static_cast<int>(fault.way)]);
  return which;
}

void World::disarm(const Fault& fault, const std::string& which) {
  if (which.empty()) return;
  for (const char* place : {"constructor", "destructor", "handler", "health"})
    scripts_.tell(script_name(fault.module), place, "");
  scripts_.go(script_name(fault.module), which);
  const auto held = model_.held().size();
  model_.let_go();
  if (held == 0) return;
  comes_true([&] {
    const auto all = container_->modules();
    return static_cast<size_t>(std::count_if(all.begin(), all.end(), [](const auto& m) { return is_rest(m.state); })) ==
           model_.stuck().size();
  });
}

Code World::run(const Step& step, std::string* said) {
  fs::path package = scripted(step.module.first, step.module.second);
  if (step.fault.place == Place::kPackage)
    package = temp_ / (step.fault.way == Way::kIsMissing ? "missing.ark" : "damaged.ark");
  Operation done;
  switch (step.verb) {
    case Verb::kInstall:
      done = container_->install(package, {step.switch_to, step.transient});
      break;
    case Verb::kReplace:
      done = container_->replace(package, {false, step.transient});
      break;
    case Verb::kSwitch:
      done = container_->switch_to(selector(step));
      break;
    case Verb::kStart:
      done = container_->start_module(selector(step));
      break;
    case Verb::kStop:
      done = container_->stop_module(selector(step), step.force);
      break;
    case Verb::kUninstall:
      done = container_->uninstall(selector(step), step.force);
      break;
    case Verb::kRestart:
      done = container_->stop();
      break;
    case Verb::kCrash:
      crash();
      (void)container_->stop();
      return Code::kOk;
  }
  *said = done.status.text();
  return done.status.code();
}

std::vector<std::string> World::differences() const {
  std::vector<std::string> differences;
  std::map<Key, State> states;
  std::multiset<Key> rests;
  for (const auto& module : container_->modules()) {
    const Key key{module.name.substr(kPrefix.size()), module.version};
    if (is_rest(module.state))
      rests.insert(key);
    else if (!states.emplace(key, module.state).second)
      differences.push_back(script_name(key) + " is listed twice");
  }
  compare("states", states, model_.states(), &differences);
  compare("code that has to stay", rests, model_.stuck(), &differences);
  std::set<std::string> files, expected;
  for (const auto& file : fs::directory_iterator(home_ / "modules")) files.insert(file.path().filename());
  for (const auto& module : model_.packages()) expected.insert(file_name(module));
  if (files != expected) {
    std::string text = "modules/ has";
    for (const auto& file : files) text += " " + file;
    differences.push_back(text + "; the model" + text_of(model_.packages()));
  }
  size_t mapped = model_.left_behind() + model_.stuck().size();
  for (const auto& [module, state] : model_.states())
    mapped += state == State::kActivated || state == State::kDeactivated;
  if (const auto now = mapped_files(temp_.path()).size(); now != mapped)
    differences.push_back(std::to_string(now) + " files of modules are mapped instead of " + std::to_string(mapped));
  return differences;
}

std::vector<std::string> World::apply(const Step& step) {
  const auto which = arm(step.fault);
  std::string said;
  const auto code = run(step, &said);
  std::vector<std::string> leaks;
  if (step.verb == Verb::kRestart || step.verb == Verb::kCrash) {
    leaks = destroy();
    create(step.several);
  }
  const auto expected = model_.apply(step);
  disarm(step.fault, which);
  auto all = differences();
  all.insert(all.end(), leaks.begin(), leaks.end());
  if (code != expected)
    all.push_back("the container says " + text_of(code) + " (" + said + "), the model " + text_of(expected));
  if ((code == Code::kOk) != said.empty())
    all.push_back("the outcome " + text_of(code) + " has the text '" + said + "'");
  return all;
}

}  // namespace ark::test

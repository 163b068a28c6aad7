/// What a container shall do, told a second time and as simply as it can be: a table of modules, and another of what
/// the next start finds. It shares no code with the container.
#pragma once

#include <ark/container/container.hpp>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ark::test {

using container::Code;
using container::State;

/// Name and version: {"one", "1.0.0"}.
using Key = std::pair<std::string, std::string>;

enum class Verb { kInstall, kReplace, kSwitch, kStart, kStop, kUninstall, kRestart, kCrash };

/// Where module code is made to fail while an operation runs, and how.
enum class Place { kNowhere, kPackage, kConstructor, kDestructor, kHandler, kHealth };
enum class Way { kThrows, kEndsThread, kExits, kHangs, kIsMissing, kIsDamaged };  // the last two of a package

struct Fault {
  Place place = Place::kNowhere;
  Way way = Way::kThrows;
  Key module;  ///< not of kPackage, which is that of the operation
};

struct Step {
  Verb verb = Verb::kInstall;
  Key module;
  bool switch_to = false, transient = false, force = false;
  bool name_only = false;  ///< the version is left out of the selector
  bool several = false;    ///< kRestart, kCrash: lifecycle.several_active from now on
  Fault fault;

  std::string text() const;
};

class Model {
 public:
  /// Of kRestart that of the stop; the start always succeeds, since what fails may be skipped.
  Code apply(const Step& step);

  /// Of all modules there are.
  std::map<Key, State> states() const;
  /// Those whose packages are in modules/.
  std::set<Key> packages() const;
  /// Modules whose code has to stay mapped for as long as the process lives.
  const std::multiset<Key>& stuck() const { return stuck_; }
  /// Modules whose code stays until what hangs in it has come back.
  const std::multiset<Key>& held() const { return held_; }
  /// How much code containers before this one had to leave mapped.
  size_t left_behind() const { return left_behind_; }
  /// The test has let hanging code come back.
  void let_go();

 private:
  struct Now {
    State state = State::kActivated;
    bool transient = false;
    bool in_handler = false;  ///< its handler never comes back
  };
  Code install(const Step& step);
  Code replace(const Step& step);
  Code switch_to(const Key& module);
  Code start(const Key& module);
  Code stop(const Key& module, bool force);
  Code uninstall(const Key& module, bool force);
  Code stop_all();
  void start_all(bool several);
  void choose_active(bool several);

  std::vector<Key> active(const std::string& name) const;
  std::vector<Key> constructed() const;
  bool is_needed(const Key& module) const;
  std::set<Key> servers_without(const Key* leaving) const;
  bool fits(const Key& coming, const Key* leaving) const;
  bool construct(const Key& module);
  bool is_up(const Key& module);
  bool destroy(const Key& module);
  void hear_of_startup();
  void keep(const Key& module, State state);
  bool keeps_active(const std::string& name) const;

  std::map<Key, Now> now_;
  std::map<Key, State> kept_;
  std::multiset<Key> stuck_, held_;
  size_t left_behind_ = 0;
  bool several_ = false;
  Fault fault_;                    ///< of the step
  bool hangs_in_handler_ = false;  ///< the module of the fault, in this step
};

}  // namespace ark::test

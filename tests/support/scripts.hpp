/// What the fixtures scripted-NAME are told to do, and what they did.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"

namespace ark::test {

/// One at a time: modules find it by the environment.
class Scripts {
 public:
  Scripts();
  ~Scripts();

  /// word: see tests/fixtures/scripted, "" for nothing. module: "one-1.0.0"; place: "constructor", "destructor",
  /// "health" or "handler".
  void tell(const std::string& module, const std::string& place, const std::string& word);
  /// Ends its "wait"; which: "-17" for "wait-17".
  void go(const std::string& module, const std::string& which = "");
  /// "one-1.0.0 constructed", in order.
  std::vector<std::string> log() const;
  /// Waits until the line is there; false after 10 s.
  bool await(const std::string& line) const;
  void clear_log();

 private:
  std::filesystem::path file(const std::string& module, const std::string& what) const;
  TempDir temp_;
};

/// The package of the fixture scripted-NAME.
std::filesystem::path scripted(const std::string& name, const std::string& version = "1.0.0");

}  // namespace ark::test

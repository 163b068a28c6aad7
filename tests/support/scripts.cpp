#include "support/scripts.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace ark::test {

Scripts::Scripts() { setenv("ARK_SCRIPTS", temp_.path().c_str(), 1); }
Scripts::~Scripts() { unsetenv("ARK_SCRIPTS"); }

std::filesystem::path Scripts::file(const std::string& module, const std::string& what) const {
  return temp_ / ("scripted-" + module + "." + what);
}

void Scripts::tell(const std::string& module, const std::string& place, const std::string& word) {
  const auto to = file(module, place);
  std::ofstream(to.native() + ".new") << word;
  std::filesystem::rename(to.native() + ".new", to);
}

void Scripts::go(const std::string& module, const std::string& which) {
  std::ofstream(file(module, "go" + which)) << "";
}

std::vector<std::string> Scripts::log() const {
  std::ifstream text(temp_ / "log");
  std::vector<std::string> lines;
  const std::string prefix = "scripted-";
  for (std::string line; std::getline(text, line);) lines.push_back(line.substr(prefix.size()));
  return lines;
}

bool Scripts::await(const std::string& line) const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  for (;;) {
    for (const auto& one : log()) {
      if (one == line) return true;
    }
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
}

void Scripts::clear_log() { std::filesystem::remove(temp_ / "log"); }

std::filesystem::path scripted(const std::string& name, const std::string& version) {
  return std::filesystem::path(FIXTURES) / ("scripted-" + name + "-" + version + ".ark");
}

}  // namespace ark::test

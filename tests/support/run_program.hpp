/// Runs a program to its end.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "support/temp_dir.hpp"

namespace ark::test {

struct Ran {
  int status = -1;
  std::string out, err;
};

/// environment: words for the shell before the program: NAME=VALUE, or a program that runs it.
inline Ran run_program(const std::vector<std::string>& words, const std::string& environment = "") {
  TempDir dir;
  std::string line = environment;
  for (const auto& word : words) line += " '" + word + "'";
  line += " >" + (dir / "out").native() + " 2>" + (dir / "err").native();
  const int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, *container::base::read_file(dir / "out"),
          *container::base::read_file(dir / "err")};
}

}  // namespace ark::test

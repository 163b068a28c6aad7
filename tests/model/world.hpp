/// A container and the model of it, taken through the same steps and compared after each.
#pragma once

#include <ark/container/container.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "model/model.hpp"
#include "support/process_facts.hpp"
#include "support/scripts.hpp"
#include "support/temp_dir.hpp"

namespace ark::test {

/// The modules that there are: names and versions of the fixtures scripted-NAME.
const std::vector<Key>& all_modules();

/// One at a time, as its Scripts.
class World {
 public:
  World();

  /// Takes both through the step. What differs then, as sentences; empty if nothing does.
  std::vector<std::string> apply(const Step& step);

 private:
  void create(bool several);
  std::vector<std::string> destroy();
  void crash();
  Code run(const Step& step, std::string* said);
  std::string arm(const Fault& fault);
  void disarm(const Fault& fault, const std::string& which);
  std::vector<std::string> differences() const;

  TempDir temp_;
  Scripts scripts_;
  Model model_;
  std::unique_ptr<container::Container> container_;
  std::filesystem::path home_;
  ProcessFacts before_;  ///< this container was made, as mapped_before_
  size_t mapped_before_ = 0;
  int hangs_ = 0, homes_ = 0;
};

}  // namespace ark::test

#include "arkctl/package_commands.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arkctl/inspect_text.hpp"
#include "base/text.hpp"
#include "pack/pack.hpp"
#include "package/package.hpp"

namespace ark::arkctl {
namespace {

using container::Code;
using container::Status;
using container::package::Package;

struct PackArguments {
  packaging::PackOptions options;
  std::vector<std::string> depends, resources;
  std::vector<std::string> exported, imported, denied_services, denied_resources, library_folders;
  std::string bundle = "auto";
};

/// As ISO 8601, UTC.
std::optional<std::string> time_text(std::string_view seconds) {
  std::time_t time = 0;
  auto [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), time);
  std::tm parts{};
  if (error != std::errc() || end != seconds.data() + seconds.size() || gmtime_r(&time, &parts) == nullptr) return {};
  char text[64];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

/// The time of a build is not in its package, which would make each build another one, unless it is given.
/// Source: the convention of reproducible builds for SOURCE_DATE_EPOCH.
Status take_build_time(container::package::Provenance& provenance) {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  if (epoch == nullptr || *epoch == '\0' || !provenance.build_time.empty()) return {};
  auto text = time_text(epoch);
  if (!text) {
    return {Code::kInvalidArgument,
            "SOURCE_DATE_EPOCH is \"" + std::string(epoch) + "\"; it must be a number of seconds since 1970"};
  }
  provenance.build_time = *text;
  return {};
}

/// Lists with ';' between the texts, as builds have them.
template <class T>
void take_lists(const std::vector<std::string>& lists, std::vector<T>& texts) {
  for (std::string_view list : lists) {
    while (!list.empty()) {
      auto text = list.substr(0, list.find(';'));
      list.remove_prefix(std::min(list.size(), text.size() + 1));
      if (!text.empty()) texts.emplace_back(text);
    }
  }
}

Status run_pack(PackArguments arguments) {
  auto& options = arguments.options;
  take_lists(arguments.depends, options.dependencies);
  take_lists(arguments.resources, options.resources);
  take_lists(arguments.exported, options.exported_resources);
  take_lists(arguments.imported, options.imported_resources);
  take_lists(arguments.denied_services, options.denied.services);
  take_lists(arguments.denied_resources, options.denied.resources);
  take_lists(arguments.library_folders, options.library_folders);
  options.bundle = arguments.bundle == "auto";
  if (auto status = take_build_time(options.provenance); !status.ok()) return status;
  const auto packed = packaging::pack(options);
  if (!packed.ok()) return packed.status();
  for (const auto& warning : packed->warnings) std::fprintf(stderr, "arkctl: warning: %s\n", warning.c_str());
  return {};
}

Status run_inspect(const std::string& file, bool json) {
  auto package = Package::open(file);
  if (!package.ok()) return package.status();
  auto text = json ? container::package::write_manifest(package->manifest()) : inspect_text(package->manifest());
  std::fputs(text.c_str(), stdout);
  return {};
}

Status run_verify(const std::string& file) {
  auto package = Package::open(file);
  if (!package.ok()) return package.status();
  if (auto status = package->verify(); !status.ok()) return status;
  if (auto status = check_fits(package->manifest()); !status.ok()) return status;
  std::printf("%s: %s as described, fits this container\n", file.c_str(), container::base::counted(package->manifest().files.size(), "file").c_str());
  return {};
}

void report(const Status& result, int& status) {
  if (result.ok()) return;
  std::fprintf(stderr, "arkctl: %s\n", result.text().c_str());
  status = 1;
}

void add_pack(CLI::App& app, int& status) {
  auto arguments = std::make_shared<PackArguments>();
  auto& options = arguments->options;
  auto& provenance = options.provenance;
  auto* command = app.add_subcommand("pack", "Make a package of a module built by ark_add_biz or ark_add_plugin");
  command->add_option("MODULE", options.module, "The module: a shared object")->required();
  command->add_option("-o,--output", options.output, "The package to write; NAME-VERSION.ark here unless given");
  command->add_option("--priority", options.priority, "Smaller starts first; 100 unless given");
  command->add_option("--bundle", arguments->bundle, "auto, unless given: pack the shared libraries that it needs; or none: refuse it if it needs one")
      ->check(CLI::IsMember({"auto", "none"}));
  // A text may be empty, "--commit=", as builds find it easier to say nothing than not to say it.
  auto add_text = [&](const char* name, auto& value, const char* description) {
    return command->add_option(name, value, description)->expected(0, 1)->allow_extra_args(false);
  };
  add_text("--description", options.description, "One line for people");
  auto add_list = [&](const char* name, auto& value, const std::string& description) {
    add_text(name, value, (description + "; several with ';' between").c_str())
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  add_list("--depends", arguments->depends, "\"NAME@RANGE\": a module that must be there");
  add_list("--resources", arguments->resources, "Folder or file: put below resources/");
  add_list("--export-resources", arguments->exported, "\"templates/*\": resources that others may have");
  add_list("--import-resources", arguments->imported,
           "\"templates/*\": resources of others it may have; with '?' it starts without");
  add_list("--deny-imports", arguments->denied_services, "\"com.acme.*\": services it is never given");
  add_list("--deny-resources", arguments->denied_resources, "\"templates/*\": resources of others it is never given");
  add_list("--library-folders", arguments->library_folders, "Folder to look for shared libraries in, before those that the loader knows");
  add_text("--commit", provenance.commit, "The commit it was built from");
  add_text("--build-time", provenance.build_time, "When it was built; none, or SOURCE_DATE_EPOCH, unless given");
  add_text("--compiler", provenance.compiler, "Name and version of the compiler");
  add_text("--flags", provenance.flags, "Flags of the compiler");
  command->callback([arguments, &status] { report(run_pack(*arguments), status); });
}

/// A command whose only argument is a package.
template <class Run>
void add_reader(CLI::App& app, const char* name, const char* description, Run run) {
  auto file = std::make_shared<std::string>();
  auto* command = app.add_subcommand(name, description);
  command->add_option("FILE", *file, "The package")->required();
  command->callback([file, run] { run(*file); });
}

}  // namespace

void add_package_commands(CLI::App& app, const bool& json, int& status) {
  add_pack(app, status);
  add_reader(app, "inspect", "Show what a package contains, needs and offers",
             [&](const std::string& file) { report(run_inspect(file, json), status); });
  add_reader(app, "verify", "Check every byte of a package, and whether this container can run it",
             [&](const std::string& file) { report(run_verify(file), status); });
}

}  // namespace ark::arkctl

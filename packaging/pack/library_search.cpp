#include "pack/library_search.hpp"

#include <elf.h>
#include <glob.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>

#include "base/files.hpp"

namespace ark::packaging {
namespace {

namespace fs = std::filesystem;
using container::Code;
using container::Result;
using container::Status;
using container::package::ElfInfo;
using Folders = std::vector<fs::path>;

constexpr std::string_view kBlanks = " \t\r";

/// Without the empty ones: they would be the current folder to the loader, which nobody who packs means.
std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin) parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string with_origin(std::string text, const fs::path& file) {
  std::error_code ignored;
  const std::string folder = fs::absolute(file, ignored).parent_path().native();
  for (std::string_view token : {"${ORIGIN}", "$ORIGIN"}) {
    for (size_t at = 0; (at = text.find(token, at)) != text.npos; at += folder.size()) {
      text.replace(at, token.size(), folder);
    }
  }
  return text;
}

template <class Paths>
void append(Folders& to, const Paths& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::string_view trimmed(std::string_view line) {
  line = line.substr(0, line.find('#'));
  const size_t begin = line.find_first_not_of(kBlanks);
  if (begin == line.npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
}

struct Configuration {
  Folders folders;
  std::set<fs::path> files;  // that were read: they may include each other
};

void read_configuration(const fs::path& file, Configuration& to);

void include(const fs::path& pattern, Configuration& to) {
  glob_t found{};
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i) read_configuration(found.gl_pathv[i], to);
  }
  ::globfree(&found);
}

void read_configuration(const fs::path& file, Configuration& to) {
  constexpr std::string_view kInclude = "include", kHardware = "hwcap";
  std::error_code ignored;
  auto text = container::base::read_file(file);
  if (!text.ok() || !to.files.insert(fs::canonical(file, ignored)).second) return;
  for (const auto& text_line : split(*text, "\n")) {
    const auto line = trimmed(text_line);
    const auto words = split(line, kBlanks);
    if (words.empty() || words[0] == kHardware) continue;
    if (words[0] == kInclude) {
      for (size_t i = 1; i < words.size(); ++i) include(file.parent_path() / words[i], to);
    } else {
      to.folders.emplace_back(line);
    }
  }
}

Folders system_folders(uint16_t machine) {
  const std::string multiarch = machine == EM_AARCH64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  Folders folders = configured_folders("/etc/ld.so.conf");
  append(folders, std::vector{"/lib/" + multiarch, "/usr/lib/" + multiarch, std::string("/lib64"),
                              std::string("/usr/lib64"), std::string("/lib"), std::string("/usr/lib")});
  return folders;
}

/// Nothing if there is no such file, or one that is of another machine.
Result<std::optional<FoundLibrary>> read_candidate(const fs::path& file, uint16_t machine) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return std::optional<FoundLibrary>();
  auto bytes = container::base::read_file(file, container::package::kMaxElfFile);
  if (!bytes.ok()) return bytes.status();
  auto elf = container::package::parse_elf(*bytes, file.native());
  if (elf.status().code() == Code::kIncompatible || (elf.ok() && elf->machine != machine)) {
    return std::optional<FoundLibrary>();
  }
  if (!elf.ok()) return elf.status();
  return std::optional(FoundLibrary{fs::absolute(file), std::move(*bytes), std::move(*elf)});
}

Status not_found(const std::string& name, const fs::path& by, const Folders& folders) {
  Folders named;
  std::string where;
  for (const auto& folder : folders) {
    if (std::find(named.begin(), named.end(), folder) != named.end()) continue;
    where += (named.empty() ? "" : ", ") + folder.native();
    named.push_back(folder);
  }
  return {Code::kNotFound, by.native() + " needs " + name + ", and there is none for its machine in " + where +
                               "; install it, or name its folder in LD_LIBRARY_PATH"};
}

}  // namespace

RunPaths run_paths_of(const ElfInfo& elf, const fs::path& file, const RunPaths& by) {
  RunPaths paths;
  Folders& own = elf.inherited_run_paths ? paths.inherited : paths.own;
  for (const auto& text : elf.run_paths) append(own, split(with_origin(text, file), ":"));
  append(paths.inherited, by.inherited);
  return paths;
}

Folders configured_folders(const fs::path& configuration) {
  Configuration read;
  read_configuration(configuration, read);
  return read.folders;
}

LibrarySearch::LibrarySearch(const Folders& first, uint16_t machine)
    : first_(first), system_(system_folders(machine)), machine_(machine) {
  if (const char* path = std::getenv("LD_LIBRARY_PATH")) append(environment_, split(path, ":;"));
}

Result<FoundLibrary> LibrarySearch::find(const std::string& name, const fs::path& by, const RunPaths& paths) const {
  Folders folders;
  fs::path last = name;
  if (last.has_parent_path()) {
    last = with_origin(name, by);
    folders = {last.parent_path()};
    last = last.filename();
  } else {
    folders = first_;
    if (paths.own.empty()) append(folders, paths.inherited);
    append(folders, environment_);
    append(folders, paths.own);
    append(folders, system_);
  }
  for (const auto& folder : folders) {
    auto found = read_candidate(folder / last, machine_);
    if (!found.ok()) return Status(found.status()).within(by.native() + " needs " + name);
    if (*found) return std::move(**found);
  }
  return not_found(name, by, folders);
}

}  // namespace ark::packaging

#include "pack/pack.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/files.hpp"
#include "base/text.hpp"
#include "pack/bundle.hpp"
#include "pack/closed_world.hpp"
#include "pack/closure.hpp"
#include "pack/describe.hpp"
#include "pack/lint.hpp"
#include "pack/resources.hpp"
#include "pack/scratch.hpp"
#include "package/digest.hpp"
#include "package/elf.hpp"
#include "package/package.hpp"
#include "package/platform.hpp"

namespace ark::packaging {
namespace {

namespace fs = std::filesystem;
namespace base = container::base;
namespace package = container::package;
using container::Code;
using container::Result;
using container::Status;
using package::ElfInfo;
using package::Manifest;

/// Which C library first understands packed relative relocations; the linker asks for it by this name and not by a
/// number.
constexpr std::string_view kPackedRelocations = "GLIBC_ABI_DT_RELR", kPackedRelocationsSince = "2.36";

/// A folder beside the package, so that it is on a file system from which code may be run; gone with this object.
class ScratchFolder {
 public:
  static Result<ScratchFolder> make(const fs::path& beside) {
    std::error_code error;
    auto parent = fs::absolute(beside, error).parent_path();
    if (!error) parent = fs::canonical(parent, error);
    if (error && error != std::errc::no_such_file_or_directory) return base::errno_status(error.value(), "use folder", beside.parent_path());
    if (error)
      return Status(Code::kNotFound,
                    "there is no folder " + beside.parent_path().native() + " for " + beside.native() + "; make it");
    auto path = parent / base::unique_name(".ark-pack");
    if (::mkdir(path.c_str(), 0700) != 0) return base::errno_status(errno, "make folder", path);
    return ScratchFolder(std::move(path));
  }
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit ScratchFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

void keep_highest(std::string& highest, std::string_view version, std::string_view prefix) {
  if (!version.starts_with(prefix)) return;
  auto number = version.substr(prefix.size());
  const bool is_number = !number.empty() && number[0] >= '0' && number[0] <= '9';  // GLIBC_PRIVATE is none
  if (is_number && package::comes_before(highest, number)) highest = number;
}

void add_platform(const ElfInfo& elf, package::Platform& platform) {
  for (const auto& [file, version] : elf.versions) {
    keep_highest(platform.glibc, version, "GLIBC_");
    keep_highest(platform.glibcxx, version, "GLIBCXX_");
    keep_highest(platform.cxxabi, version, "CXXABI_");
    if (version == kPackedRelocations && package::comes_before(platform.glibc, kPackedRelocationsSince)) {
      platform.glibc = kPackedRelocationsSince;
    }
  }
}

/// The module's own file, which has to be one that can be loaded.
Result<BuiltFile> read_module(const PackOptions& options) {
  BuiltFile main{options.module, {}, {}};
  auto bytes = base::read_file(options.module, package::kMaxElfFile);
  if (!bytes.ok()) return bytes.status();
  main.bytes = std::move(*bytes);
  auto elf = package::parse_elf(main.bytes, options.module.native());
  if (!elf.ok()) return elf.status();
  main.elf = std::move(*elf);
  if (auto status = check_loadable(main.elf, options.module, options.bundle); !status.ok()) return status;
  return main;
}

/// What travels with it, if all of that can be loaded and is bound as it was meant.
Result<std::vector<BundledLibrary>> read_libraries(const PackOptions& options, const BuiltFile& main, std::vector<std::string>& warnings) {
  auto libraries = closure_of(main.elf, main.file, options.library_folders);
  if (!libraries.ok() || libraries->empty()) return libraries;
  std::string faults;
  for (const auto& library : *libraries) {
    for (const auto& fault : library_faults_of(library.elf)) base::add_to_list(&faults, "\n  ", library.file.native() + ": " + fault);
  }
  auto findings = check_closed_world(main.elf, main.file, *libraries);
  if (!findings.ok()) return findings.status();
  for (const auto& finding : *findings) {
    auto text = finding.text + "; " + finding.remedy;
    if (finding.severity == Severity::kError) {
      base::add_to_list(&faults, "\n  ", text);
    } else {
      warnings.push_back(std::move(text));
    }
  }
  if (faults.empty()) return libraries;
  return Status(Code::kIncompatible, main.file.native() + " cannot travel with its libraries:\n  " + faults);
}

/// What is known before the module is loaded, but for the code.
Result<Manifest> draft_of(const PackOptions& options) {
  Manifest draft;
  draft.description = options.description;
  if (options.priority) draft.priority = *options.priority;
  for (const auto& text : options.dependencies) {
    auto dependency = package::parse_dependency(text);
    if (!dependency.ok()) return dependency.status();
    draft.dependencies.push_back(std::move(*dependency));
  }
  draft.exported_resources = options.exported_resources;
  for (const auto& text : options.imported_resources) {
    auto import = package::parse_resource_import(text);
    if (!import.ok()) return import.status();
    draft.imported_resources.push_back(std::move(*import));
  }
  draft.denied = options.denied;
  draft.provenance = options.provenance;
  return draft;
}

/// The text crosses from the other process as a manifest's, and is judged like one from a stranger.
Result<Manifest> describe_in_scratch(const fs::path& file, const Manifest& draft, std::chrono::milliseconds limit) {
  auto text = in_scratch_process("loading it", limit, [&]() -> Result<std::string> {
    auto manifest = load_and_describe(file, draft);
    if (!manifest.ok()) return manifest.status();
    manifest->entry = "lib/" + manifest->name + ".so";
    manifest->files.front().path = manifest->entry;
    return package::write_manifest(*manifest);
  });
  if (!text.ok()) return text.status();
  return package::parse_manifest(*text, "its description");
}

}  // namespace

Result<Packed> pack(const PackOptions& options) {
  const std::string& name = options.module.native();
  auto main = read_module(options);
  if (!main.ok()) return main.status();
  Packed packed;
  auto libraries = read_libraries(options, *main, packed.warnings);
  if (!libraries.ok()) return libraries.status();
  auto folder = ScratchFolder::make(options.output.empty() ? fs::path("x.ark") : options.output);
  if (!folder.ok()) return folder.status();
  auto code = write_code(*main, *libraries, folder->path());
  if (!code.ok()) return code.status();

  auto draft = draft_of(options);
  if (!draft.ok()) return draft.status().within(name);
  add_platform(main->elf, draft->platform);
  for (const auto& library : *libraries) add_platform(library.elf, draft->platform);
  for (const auto& file : *code) draft->files.push_back(file.described);
  auto files = add_resources(options.resources, *draft);
  if (!files.ok()) return files.status().within(name);
  auto manifest = describe_in_scratch(code->front().file, *draft, options.load_limit);
  if (!manifest.ok()) return manifest.status().within(name);
  if (auto problems = package::contradictions_of(*manifest); !problems.empty()) return Status(Code::kInvalidArgument, problems.front()).within(name);

  packed.file = options.output.empty() ? fs::path(package::package_name(*manifest)) : options.output;
  packed.manifest = std::move(*manifest);
  for (size_t i = 0; i < code->size(); ++i) files->emplace_back(packed.manifest.files[i].path, (*code)[i].file);
  if (auto status = package::write_package(packed.file, packed.manifest, *files); !status.ok()) return status.within(name);
  return packed;
}

}  // namespace ark::packaging

#include "pack/pack.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/files.hpp"
#include "pack/describe.hpp"
#include "pack/lint.hpp"
#include "pack/patch.hpp"
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

constexpr size_t kMaxModule = size_t{1} << 30;
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

/// Writes the patched copy and reads it again.
Status write_patched(std::string_view original, std::string_view bytes, const Patch& patch, const fs::path& file) {
  {
    base::Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0500));
    if (!out.valid() || !base::write_fully(out.get(), bytes)) return base::errno_status(errno, "write", file);
  }
  auto written = base::read_file(file, kMaxModule);
  if (!written.ok()) return written.status();
  return check_patched(original, *written, patch, file.native());
}

void keep_highest(std::string& highest, std::string_view version, std::string_view prefix) {
  if (!version.starts_with(prefix)) return;
  auto number = version.substr(prefix.size());
  const bool is_number = !number.empty() && number[0] >= '0' && number[0] <= '9';  // GLIBC_PRIVATE is none
  if (is_number && package::comes_before(highest, number)) highest = number;
}

package::Platform platform_of(const ElfInfo& elf) {
  package::Platform platform;
  for (const auto& [file, version] : elf.versions) {
    keep_highest(platform.glibc, version, "GLIBC_");
    keep_highest(platform.glibcxx, version, "GLIBCXX_");
    keep_highest(platform.cxxabi, version, "CXXABI_");
    if (version == kPackedRelocations && package::comes_before(platform.glibc, kPackedRelocationsSince)) {
      platform.glibc = kPackedRelocationsSince;
    }
  }
  return platform;
}

/// What is known before the module is loaded. elf: as it was before it was patched.
Result<Manifest> draft_of(const PackOptions& options, const ElfInfo& elf, const std::string& bytes) {
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
  draft.platform = platform_of(elf);
  package::PackagedFile file;
  file.size = bytes.size();
  file.sha256 = package::sha256_hex(bytes);
  file.build_id = elf.build_id;
  if (elf.init_array.size > 0) {
    file.init_array = elf.init_array.address;
    file.init_array_size = elf.init_array.size;
  }
  if (elf.fini_array.size > 0) {
    file.fini_array = elf.fini_array.address;
    file.fini_array_size = elf.fini_array.size;
  }
  draft.files.push_back(std::move(file));
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
  auto original = base::read_file(options.module, kMaxModule);
  if (!original.ok()) return original.status();
  auto elf = package::parse_elf(*original, name);
  if (!elf.ok()) return elf.status();
  if (auto status = check_loadable(*elf, options.module); !status.ok()) return status;

  auto folder = ScratchFolder::make(options.output.empty() ? fs::path("x.ark") : options.output);
  if (!folder.ok()) return folder.status();
  const auto patched_file = folder->path() / "module.so";
  const Patch patch;
  auto bytes = patched(*original, patch, name);
  if (!bytes.ok()) return bytes.status();
  if (auto status = write_patched(*original, *bytes, patch, patched_file); !status.ok()) return status;

  auto draft = draft_of(options, *elf, *bytes);
  if (!draft.ok()) return draft.status().within(name);
  auto files = add_resources(options.resources, *draft);
  if (!files.ok()) return files.status().within(name);
  auto manifest = describe_in_scratch(patched_file, *draft, options.load_limit);
  if (!manifest.ok()) return manifest.status().within(name);
  if (auto problems = package::contradictions_of(*manifest); !problems.empty()) return Status(Code::kInvalidArgument, problems.front()).within(name);

  Packed packed{options.output.empty() ? fs::path(package::package_name(*manifest)) : options.output,
                std::move(*manifest)};
  files->emplace_back(packed.manifest.entry, patched_file);
  auto status = package::write_package(packed.file, packed.manifest, *files);
  if (!status.ok()) return status.within(name);
  return packed;
}

}  // namespace ark::packaging

#include "package/package.hpp"

#include <ark/abi/version.h>

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/files.hpp"
#include "package/digest.hpp"
#include "package/staging.hpp"
#include "package/stamp.hpp"
#include "package/zip_directory.hpp"

namespace ark::container::package {

namespace fs = std::filesystem;

struct Package::Impl {
  Impl(fs::path where, base::Descriptor opened, uint64_t size)
      : path(std::move(where)), file(std::move(opened)), window(file.get(), size) {}

  Status read(const PackageLimits& limits);
  Status read_directory(const PackageLimits& limits);
  Status read_manifest(const PackageLimits& limits);
  Status match_entries(const PackageLimits& limits);
  Status read_files(Staging* staging, uint32_t generation);
  Status read_file(const PackagedFile& file, const ZipEntry& entry, Staging* staging, uint32_t generation, Sha256& hash);
  Status copy_synced(int out, const fs::path& to) const;

  /// The same failure, naming the package.
  Status here(const Status& status) const { return status.within(path.native()); }
  Status bad(Code code, std::string text) const { return here(Status(code, std::move(text))); }

  fs::path path;
  base::Descriptor file;
  FileWindow window;
  std::vector<ZipEntry> entries;  // by path
  Manifest manifest;
};

namespace {

bool by_path(const ZipEntry& a, const ZipEntry& b) { return a.path < b.path; }

const ZipEntry* find_entry(const std::vector<ZipEntry>& entries, std::string_view path) {
  auto found = std::lower_bound(entries.begin(), entries.end(), path,
                                [](const ZipEntry& entry, std::string_view p) { return entry.path < p; });
  return found != entries.end() && found->path == path ? &*found : nullptr;
}

}  // namespace

Status Package::Impl::read(const PackageLimits& limits) {
  auto status = read_directory(limits);
  if (status.ok()) status = read_manifest(limits);
  return status.ok() ? match_entries(limits) : status;
}

Status Package::Impl::read_directory(const PackageLimits& limits) {
  if (window.size() == 0) return bad(Code::kCorrupt, "the file is empty; build or copy it again");
  auto found = read_zip_directory(window, limits.files + 1);  // the manifest is one more
  if (!found.ok()) return here(found.status());
  entries = std::move(*found);
  std::sort(entries.begin(), entries.end(), by_path);
  return {};
}

Status Package::Impl::read_manifest(const PackageLimits& limits) {
  const auto* entry = find_entry(entries, kManifestName);
  if (entry == nullptr)
    return bad(Code::kCorrupt,
               "it has no ark.json, so it is a zip file but not a package; packages are made by ark_add_biz, "
               "ark_add_plugin or arkctl pack");
  if (entry->size > limits.manifest_size) {
    return bad(Code::kResourceExhausted, "entry \"ark.json\" declares " + std::to_string(entry->size) +
                                             " bytes; at most " + std::to_string(limits.manifest_size) +
                                             " are allowed");
  }
  std::string json;
  json.reserve(entry->size);
  auto status = read_zip_entry(window, *entry, [&](std::string_view piece) {
    json += piece;
    return Status();
  });
  if (!status.ok()) return here(status);
  auto parsed = parse_manifest(json, path.native() + "/ark.json");
  if (!parsed.ok()) return parsed.status();
  manifest = std::move(*parsed);
  return {};
}

/// Zip and manifest must describe the same files.
Status Package::Impl::match_entries(const PackageLimits& limits) {
  uint64_t total = 0;
  for (const auto& file : manifest.files) {
    const auto* entry = find_entry(entries, file.path);
    auto where = "entry \"" + file.path + "\" ";
    if (entry == nullptr)
      return bad(Code::kCorrupt,
                 "the manifest lists \"" + file.path + "\", but it is missing; build or copy the package again");
    if (entry->size != file.size) {
      return bad(Code::kCorrupt, where + "declares " + std::to_string(entry->size) + " bytes; the manifest says " +
                                     std::to_string(file.size) + ". Pack the module again");
    }
    if (file.size > limits.file_size)
      return bad(Code::kResourceExhausted, where + "has " + std::to_string(file.size) + " bytes; at most " +
                                               std::to_string(limits.file_size) + " are allowed");
    total += file.size;
    if (total > limits.total_size)
      return bad(Code::kResourceExhausted,
                 "its files have more than the " + std::to_string(limits.total_size) + " bytes that are allowed");
  }
  if (entries.size() == manifest.files.size() + 1) return {};
  for (const auto& entry : entries) {
    if (entry.path == kManifestName || manifest.find_file(entry.path) != nullptr) continue;
    if (entry.path == "ark.json.sig")
      return bad(Code::kUnsupported, "it is signed; signatures are not supported by this version (" ARK_VERSION_TEXT
                                     "). Pack it without one");
    return bad(Code::kCorrupt, "entry \"" + entry.path +
                                   "\" is not in the manifest; pack the module again, files are not added by hand");
  }
  return bad(Code::kInternal, "its manifest and its directory disagree");
}

Status Package::Impl::read_file(const PackagedFile& file, const ZipEntry& entry, Staging* staging, uint32_t generation, Sha256& hash) {
  base::Descriptor out;
  if (staging != nullptr) {
    auto created = staging->create(stamped(file.path, generation));
    if (!created.ok()) return created.status();
    out = std::move(*created);
  }
  auto status = read_zip_entry(window, entry, [&](std::string_view piece) {
    hash.add(piece);
    if (staging == nullptr || base::write_fully(out.get(), piece)) return Status();
    return base::errno_status(errno, "write", staging->full(file.path));
  });
  if (!status.ok()) return status.code() == Code::kCorrupt ? here(status) : status;
  if (auto found = hash.finish_hex(); found != file.sha256) {
    return bad(Code::kCorrupt, "entry \"" + file.path + "\" has the sha256 " + found + "; the manifest says " +
                                   file.sha256 + ". Copy or build the package again");
  }
  if (staging == nullptr) return {};
  return write_stamps(out.get(), file.stamps, generation).within(path.native() + ": entry \"" + file.path + "\"");
}

Status Package::Impl::read_files(Staging* staging, uint32_t generation) {
  Sha256 hash;
  for (const auto& file : manifest.files) {
    if (auto status = read_file(file, *find_entry(entries, file.path), staging, generation, hash); !status.ok()) return status;
  }
  return {};
}

/// Less than all if the file has become shorter.
Status Package::Impl::copy_synced(int out, const fs::path& to) const {
  for (off_t at = 0; static_cast<uint64_t>(at) < window.size();) {
    const ssize_t sent = ::sendfile(out, file.get(), &at, window.size() - static_cast<uint64_t>(at));
    if (sent == 0) break;
    if (sent < 0 && errno != EINTR) return base::errno_status(errno, "write", to);
  }
  return ::fsync(out) == 0 ? Status() : base::errno_status(errno, "sync", to);
}

Package::Package(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Package::Package(Package&&) noexcept = default;
Package& Package::operator=(Package&&) noexcept = default;
Package::~Package() = default;

Result<Package> Package::open(const fs::path& path, const PackageLimits& limits) {
  // O_NONBLOCK: a FIFO at this path must not hold us up.
  base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info;
  if (!file.valid() || ::fstat(file.get(), &info) != 0) return base::errno_status(errno, "open package", path);
  if (!S_ISREG(info.st_mode))
    return Status(Code::kInvalidArgument, "cannot open package " + path.native() + ": it is not a regular file");
  auto impl = std::make_unique<Impl>(path, std::move(file), static_cast<uint64_t>(info.st_size));
  if (auto status = impl->read(limits); !status.ok()) return status;
  return Package(std::move(impl));
}

const Manifest& Package::manifest() const { return impl_->manifest; }
const fs::path& Package::file() const { return impl_->path; }

Status Package::extract(const fs::path& dir, uint32_t generation) const {
  Staging staging(dir);
  if (auto status = staging.begin(); !status.ok()) return status;
  auto status = impl_->read_files(&staging, generation);
  if (status.ok()) staging.keep();
  return status;
}

Status Package::verify() const { return impl_->read_files(nullptr, 0); }

Status Package::move_to(const fs::path& to) {
  base::Descriptor out(::open(to.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out.valid()) return base::errno_status(errno, "write", to);
  auto status = impl_->copy_synced(out.get(), to);
  auto copy = std::make_unique<Impl>(impl_->path, std::move(out), impl_->window.size());
  if (status.ok() && (!copy->read({}).ok() || write_manifest(copy->manifest) != write_manifest(impl_->manifest))) {
    status = impl_->bad(Code::kFailedPrecondition, "it has changed while it was read; try again once it is whole");
  }
  if (status.ok()) {
    impl_ = std::move(copy);
  } else {
    ::unlink(to.c_str());
  }
  return status;
}

}  // namespace ark::container::package

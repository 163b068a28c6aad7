#include "package/zip_directory.hpp"

#include <minizip/unzip.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <set>

#include "package/entry_path.hpp"

namespace ark::container::package {
namespace {

// ---- the file as minizip sees it ----

struct Stream {
  FileWindow* file;
  uint64_t at = 0;
  bool opening = true;
};

/// minizip looks for the end record in the last 64 KiB, byte by byte and twice, in blocks from the end. ends_as_zip has
/// seen it at the very end, with a ZIP64 locator in front of it or none: only the first block can be of use. The others
/// would cost a tenth of an installation.
bool is_vain_search(const Stream& s, uLong size) { return s.opening && size > 1024 && s.at + size < s.file->size(); }

voidpf open_stream(voidpf opaque, const void*, int) { return opaque; }

uLong read_stream(voidpf, voidpf stream, void* out, uLong size) {
  auto& s = *static_cast<Stream*>(stream);
  auto there = s.at >= s.file->size() ? 0 : std::min<uint64_t>(size, s.file->size() - s.at);
  if (there == 0 || is_vain_search(s, size) || !s.file->read(s.at, out, there)) return 0;
  s.at += there;
  return there;
}

ZPOS64_T tell_stream(voidpf, voidpf stream) { return static_cast<Stream*>(stream)->at; }

long seek_stream(voidpf, voidpf stream, ZPOS64_T offset, int origin) {
  auto& s = *static_cast<Stream*>(stream);
  auto from = origin == ZLIB_FILEFUNC_SEEK_CUR ? s.at : origin == ZLIB_FILEFUNC_SEEK_END ? s.file->size() : 0;
  if (offset > s.file->size() - std::min(from, s.file->size())) return -1;
  s.at = from + offset;
  return 0;
}

int close_stream(voidpf, voidpf) { return 0; }

struct CloseZip {
  void operator()(void* zip) const { unzClose(zip); }
};
using Zip = std::unique_ptr<void, CloseZip>;

Zip open_zip(Stream& stream) {
  zlib_filefunc64_def functions{open_stream, read_stream,  nullptr,      tell_stream,
                                seek_stream, close_stream, close_stream, &stream};
  Zip zip(unzOpen2_64("", &functions));
  stream.opening = false;
  return zip;
}

// ---- entries ----

Status bad_entry(std::string_view path, std::string_view text, Code code = Code::kCorrupt) {
  return {code, "entry \"" + std::string(path.substr(0, 120)) + "\" " + std::string(text)};
}

Status check_entry(std::string_view path, const unz_file_info64& info) {
  constexpr uLong kEncrypted = 1 | 1 << 6 | 1 << 13;
  if (auto fault = path_fault(path); !fault.empty())
    return {Code::kCorrupt, "the path of entry \"" + std::string(path.substr(0, 120)) + "\" " + std::string(fault)};
  if ((info.flag & kEncrypted) != 0) return bad_entry(path, "is encrypted; packages are not");
  if (info.compression_method != 0 && info.compression_method != Z_DEFLATED) {
    return bad_entry(path, "is packed by method " + std::to_string(info.compression_method) +
                               "; only store (0) and deflate (8) are read");
  }
  if (info.disk_num_start != 0) return bad_entry(path, "is on another disk; a package is one file");
  auto type = (info.external_fa >> 16) & S_IFMT;
  if (type == S_IFLNK) return bad_entry(path, "is a symbolic link; pack the file itself");
  if (type != 0 && type != S_IFREG) return bad_entry(path, "is not a regular file");
  if (info.compression_method == 0 && info.compressed_size != info.uncompressed_size)
    return bad_entry(path, "is stored, but declares two different sizes");
  return {};
}

/// The entry at which `zip` stands.
Result<ZipEntry> read_entry(unzFile zip, const FileWindow& file) {
  char name[1100];
  unz_file_info64 info;
  if (unzGetCurrentFileInfo64(zip, &info, name, sizeof name, nullptr, 0, nullptr, 0) != UNZ_OK) {
    return Status(Code::kCorrupt, "its directory is damaged or cut off");
  }
  if (info.size_filename >= sizeof name) return Status(Code::kCorrupt, "an entry has a path longer than 1024 bytes");
  std::string path(name, info.size_filename);
  if (auto status = check_entry(path, info); !status.ok()) return status;

  int method = 0, level = 0;
  if (unzOpenCurrentFile2(zip, &method, &level, 1) != UNZ_OK)
    return bad_entry(path, "has a header that does not agree with the directory");
  ZipEntry entry{std::move(path), method != 0, info.compressed_size, info.uncompressed_size,
                 unzGetCurrentFileZStreamPos64(zip)};
  unzCloseCurrentFile(zip);
  if (entry.data_at > file.size() || entry.packed_size > file.size() - entry.data_at)
    return bad_entry(entry.path, "reaches beyond the end of the file");
  return entry;
}

/// A package ends with the record that ends a zip. A comment or other data behind it could hold a second such record,
/// and readers would disagree about which files are in the package.
bool ends_as_zip(FileWindow& file) {
  constexpr size_t kEndSize = 22;
  char end[kEndSize];
  return file.size() >= kEndSize && file.read(file.size() - kEndSize, end, kEndSize) &&
         std::string_view(end, 4) == "PK\5\6" && end[20] == 0 && end[21] == 0;
}

}  // namespace

Result<std::vector<ZipEntry>> read_zip_directory(FileWindow& file, uint64_t max_entries) {
  constexpr std::string_view kNoZip =
      "it is not a zip file, or its end is missing or followed by other data; build or copy it again";
  if (!ends_as_zip(file)) return Status(Code::kCorrupt, std::string(kNoZip));
  Stream stream{&file};
  Zip zip = open_zip(stream);
  unz_global_info64 global;
  if (zip == nullptr || unzGetGlobalInfo64(zip.get(), &global) != UNZ_OK) {
    return Status(Code::kCorrupt, std::string(kNoZip));
  }
  if (global.number_entry > max_entries) {
    return Status(Code::kResourceExhausted, "it has " + std::to_string(global.number_entry) + " entries; at most " +
                                                std::to_string(max_entries) + " are allowed");
  }
  std::vector<ZipEntry> entries;
  entries.reserve(global.number_entry);
  std::set<std::string_view> paths;  // of elements that stay where they are
  for (uint64_t i = 0; i < global.number_entry; ++i) {
    if ((i == 0 ? unzGoToFirstFile(zip.get()) : unzGoToNextFile(zip.get())) != UNZ_OK)
      return Status(Code::kCorrupt, "its directory is damaged or cut off");
    auto entry = read_entry(zip.get(), file);
    if (!entry.ok()) return entry.status();
    entries.push_back(std::move(*entry));
    if (!paths.insert(entries.back().path).second) return bad_entry(entries.back().path, "is there twice");
  }
  return entries;
}

}  // namespace ark::container::package

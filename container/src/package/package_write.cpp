#include <minizip/zip.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/files.hpp"
#include "package/digest.hpp"
#include "package/package.hpp"

namespace ark::container::package {
namespace {

namespace fs = std::filesystem;

/// Files up to this size are stored: unpacking one takes longer than reading it, and installing small modules is to be
/// quick.
constexpr size_t kStoredUpTo = 64 * 1024;

/// `data` as a raw deflate stream; empty if that is not shorter.
std::string deflated(std::string_view data) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(data.size(), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  bool complete = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(complete ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

/// Every byte is decided here, so that equal contents make equal packages: no time, no owner, one mode.
class ZipWriter {
 public:
  explicit ZipWriter(const fs::path& path) : zip_(zipOpen64(path.c_str(), APPEND_STATUS_CREATE)) {}
  ~ZipWriter() { close(); }
  ZipWriter(const ZipWriter&) = delete;

  bool add(const std::string& path, std::string_view data) {
    if (zip_ == nullptr) return false;
    constexpr uLong kFirstOfJanuary1980 = 1 << 5 | 1, kUnix = 3 << 8 | 45, kUtf8Names = 1 << 11;
    zip_fileinfo info{};
    info.dosDate = kFirstOfJanuary1980 << 16;
    info.external_fa = uLong{S_IFREG | 0444} << 16;
    auto packed = data.size() > kStoredUpTo ? deflated(data) : std::string();
    int method = packed.empty() ? 0 : Z_DEFLATED;
    std::string_view bytes = packed.empty() ? data : std::string_view(packed);
    bool good = zipOpenNewFileInZip4_64(zip_, path.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, method,
                                        Z_DEFAULT_COMPRESSION, 1, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, nullptr, 0, kUnix,
                                        kUtf8Names, data.size() > UINT32_MAX) == ZIP_OK;
    good = good && zipWriteInFileInZip(zip_, bytes.data(), static_cast<unsigned>(bytes.size())) == ZIP_OK;
    auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size());
    return good && zipCloseFileInZipRaw64(zip_, data.size(), crc) == ZIP_OK;
  }

  bool close() { return zip_ == nullptr || zipClose(std::exchange(zip_, nullptr), nullptr) == ZIP_OK; }

 private:
  zipFile zip_;
};

struct Content {
  std::string path;
  std::string data;
};

Result<Content> read_content(const Manifest& manifest, const std::string& path, const fs::path& file) {
  auto data = base::read_file(file, PackageLimits().file_size);
  if (!data.ok()) return data.status();
  const auto* described = manifest.find_file(path);
  if (described == nullptr)
    return Status(Code::kInvalidArgument, "the manifest does not describe \"" + path + "\" (" + file.native() + ")");
  if (described->size != data->size() || described->sha256 != sha256_hex(*data)) {
    return Status(Code::kInvalidArgument, "the manifest does not describe \"" + path + "\" as it is in " +
                                              file.native() + "; take size and sha256 from that file");
  }
  return Content{path, std::move(*data)};
}

Status write_zip(const fs::path& temporary, const fs::path& out, const std::vector<Content>& contents) {
  errno = 0;
  ZipWriter zip(temporary);
  bool good = true;
  for (const auto& content : contents) good = good && zip.add(content.path, content.data);
  if (good && zip.close()) return {};
  return base::errno_status(errno != 0 ? errno : EIO, "write package", out);
}

}  // namespace

Status write_package(const fs::path& out, const Manifest& manifest,
                     const std::vector<std::pair<std::string, fs::path>>& files) {
  auto json = write_manifest(manifest);
  // What cannot be read back is not written.
  if (auto parsed = parse_manifest(json, out.native() + "/ark.json"); !parsed.ok()) return parsed.status();
  std::vector<Content> contents;
  for (const auto& [path, file] : files) {
    auto content = read_content(manifest, path, file);
    if (!content.ok()) return content.status().within(out.native());
    contents.push_back(std::move(*content));
  }
  std::sort(contents.begin(), contents.end(), [](const Content& a, const Content& b) { return a.path < b.path; });
  contents.insert(contents.begin(), Content{std::string(kManifestName), std::move(json)});

  auto temporary = out.parent_path() / base::unique_name("." + out.filename().native());
  auto status = write_zip(temporary, out, contents);
  if (status.ok()) {
    auto written = Package::open(temporary);
    status = written.ok() ? written->verify() : written.status();
  }
  if (status.ok() && ::rename(temporary.c_str(), out.c_str()) != 0)
    status = base::errno_status(errno, "write package", out);
  if (!status.ok()) ::unlink(temporary.c_str());
  return status;
}

}  // namespace ark::container::package

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "package/zip_directory.hpp"

namespace ark::container::package {
namespace {

/// Large enough to make calls rare, small enough to stay in the second-level cache.
constexpr size_t kPiece = 256 * 1024;

Status bad_contents(const ZipEntry& entry, std::string_view text) {
  return {Code::kCorrupt, "entry \"" + entry.path + "\" " + std::string(text)};
}

/// The packed bytes of an entry, piece by piece.
class Packed {
 public:
  Packed(FileWindow& file, const ZipEntry& entry) : file_(file), at_(entry.data_at), left_(entry.packed_size) {}

  bool done() const { return left_ == 0; }

  /// Empty: the file could not be read.
  std::string_view next() {
    auto size = static_cast<size_t>(std::min<uint64_t>(left_, kPiece));
    auto piece = file_.kept(at_, left_);
    if (piece.empty()) {
      if (buffer_ == nullptr) buffer_ = std::make_unique_for_overwrite<char[]>(size);
      if (!file_.read(at_, buffer_.get(), size)) return {};
      piece = {buffer_.get(), size};
    }
    at_ += piece.size();
    left_ -= piece.size();
    return piece;
  }

 private:
  FileWindow& file_;
  uint64_t at_, left_;
  std::unique_ptr<char[]> buffer_;
};

class Inflater {
 public:
  Inflater() { good_ = inflateInit2(&stream_, -MAX_WBITS) == Z_OK; }
  ~Inflater() {
    if (good_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;

  bool good() const { return good_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool good_;
};

Status read_stored(FileWindow& file, const ZipEntry& entry, const std::function<Status(std::string_view)>& take) {
  for (Packed packed(file, entry); !packed.done();) {
    auto piece = packed.next();
    if (piece.empty()) return bad_contents(entry, "cannot be read; the file has changed, or its disk is damaged");
    if (auto status = take(piece); !status.ok()) return status;
  }
  return {};
}

Status read_deflated(FileWindow& file, const ZipEntry& entry, const std::function<Status(std::string_view)>& take) {
  Inflater inflater;
  if (!inflater.good())
    return {Code::kResourceExhausted, "entry \"" + entry.path + "\" cannot be unpacked: out of memory"};
  auto& stream = inflater.stream();
  // One byte more than is declared shows whether there is more.
  auto room = static_cast<size_t>(std::min<uint64_t>(entry.size + 1, kPiece));
  auto out = std::make_unique_for_overwrite<char[]>(room);
  Packed packed(file, entry);
  uint64_t total = 0;
  for (int result = Z_OK; result != Z_STREAM_END;) {
    if (stream.avail_in == 0 && !packed.done()) {
      auto piece = packed.next();
      if (piece.empty()) return bad_contents(entry, "cannot be read; the file has changed, or its disk is damaged");
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
      stream.avail_in = static_cast<uInt>(piece.size());
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.get());
    stream.avail_out = static_cast<uInt>(room);
    result = inflate(&stream, Z_NO_FLUSH);
    auto got = room - stream.avail_out;
    if (result == Z_MEM_ERROR)
      return {Code::kResourceExhausted, "entry \"" + entry.path + "\" cannot be unpacked: out of memory"};
    bool stuck = result != Z_STREAM_END && got == 0 && stream.avail_in == 0 && packed.done();
    if ((result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) || stuck)
      return bad_contents(entry, "is damaged: its packed data cannot be unpacked");
    total += got;
    if (total > entry.size)
      return bad_contents(entry, "holds more than the " + std::to_string(entry.size) + " bytes it declares");
    if (got == 0) continue;
    if (auto status = take({out.get(), got}); !status.ok()) return status;
  }
  if (total < entry.size)
    return bad_contents(
        entry, "holds " + std::to_string(total) + " bytes, not the " + std::to_string(entry.size) + " it declares");
  if (stream.avail_in != 0 || !packed.done()) return bad_contents(entry, "is followed by data that belongs to nothing");
  return {};
}

}  // namespace

Status read_zip_entry(FileWindow& file, const ZipEntry& entry, const std::function<Status(std::string_view)>& take) {
  return entry.deflated ? read_deflated(file, entry, take) : read_stored(file, entry, take);
}

}  // namespace ark::container::package

/// Zips byte by byte, right or wrong, as no library would write them. Source: APPNOTE.TXT 6.3.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ark::test {

struct ZipPart {
  std::string path;
  std::string contents;
  bool deflate = false;
  uint16_t flags = 0;
  int method = -1;  ///< -1: what deflate says
  uint32_t attributes = 0100444u << 16;
  uint16_t disk = 0;
  int64_t declared_size = -1;  ///< -1: that of contents
  int64_t declared_packed_size = -1;
  std::string local_path = {};  ///< in the local header; empty: path
};

inline std::string raw_deflate(std::string_view data) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class ZipBytes {
 public:
  ZipBytes& add(const ZipPart& part) {
    auto packed = part.deflate ? raw_deflate(part.contents) : part.contents;
    auto offset = static_cast<uint32_t>(bytes_.size());
    auto crc =
        static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(part.contents.data()), part.contents.size()));
    auto size = static_cast<uint32_t>(part.declared_size >= 0 ? part.declared_size
                                                              : static_cast<int64_t>(part.contents.size()));
    auto packed_size = static_cast<uint32_t>(part.declared_packed_size >= 0 ? part.declared_packed_size
                                                                            : static_cast<int64_t>(packed.size()));
    auto method = static_cast<uint16_t>(part.method >= 0 ? part.method : part.deflate ? 8 : 0);
    auto both = [&](std::string& out, const std::string& path) {
      number<uint16_t>(out, 20);
      number<uint16_t>(out, part.flags);
      number<uint16_t>(out, method);
      number<uint32_t>(out, 0x00210000);
      number<uint32_t>(out, crc);
      number<uint32_t>(out, packed_size);
      number<uint32_t>(out, size);
      number<uint16_t>(out, static_cast<uint16_t>(path.size()));
      number<uint16_t>(out, 0);
    };
    const auto& local_path = part.local_path.empty() ? part.path : part.local_path;
    number<uint32_t>(bytes_, 0x04034b50);
    both(bytes_, local_path);
    bytes_ += local_path;
    bytes_ += packed;
    number<uint32_t>(directory_, 0x02014b50);
    number<uint16_t>(directory_, 3 << 8 | 20);
    both(directory_, part.path);
    number<uint16_t>(directory_, 0);
    number<uint16_t>(directory_, part.disk);
    number<uint16_t>(directory_, 0);
    number<uint32_t>(directory_, part.attributes);
    number<uint32_t>(directory_, offset);
    directory_ += part.path;
    ++count_;
    return *this;
  }

  /// count: of entries as the end declares them; -1: the true one.
  std::string finish(int count = -1) const {
    auto out = bytes_ + directory_;
    auto declared = static_cast<uint16_t>(count >= 0 ? count : count_);
    number<uint32_t>(out, 0x06054b50);
    number<uint16_t>(out, 0);
    number<uint16_t>(out, 0);
    number<uint16_t>(out, declared);
    number<uint16_t>(out, declared);
    number<uint32_t>(out, static_cast<uint32_t>(directory_.size()));
    number<uint32_t>(out, static_cast<uint32_t>(bytes_.size()));
    number<uint16_t>(out, 0);
    return out;
  }

 private:
  template <class T>
  static void number(std::string& out, T value) {
    for (size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(static_cast<uint64_t>(value) >> (8 * i) & 0xff);
  }

  std::string bytes_, directory_;
  int count_ = 0;
};

}  // namespace ark::test

#include "package/stamp.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace ark::container::package {
namespace {

constexpr std::string_view kZeros = "00000000";
/// Of the digits, from where kUnstampedEnd begins.
constexpr size_t kDigitsAt = kUnstampedEnd.find(kZeros);

std::string digits_of(uint32_t generation) {
  char text[16];
  std::snprintf(text, sizeof text, "%08u", generation);
  return text;
}

}  // namespace

std::string stamped(std::string_view path, uint32_t generation) {
  std::string name(path);
  if (name.ends_with(kUnstampedEnd)) name.replace(name.size() - kUnstampedEnd.size() + kDigitsAt, kZeros.size(), digits_of(generation));
  return name;
}

std::vector<uint64_t> find_stamps(std::string_view bytes) {
  std::vector<uint64_t> offsets;
  const auto end = std::string(kUnstampedEnd) + std::string(1, char(0));  // a name ends there
  for (auto at = bytes.find(end); at != bytes.npos; at = bytes.find(end, at + 1)) offsets.push_back(at + kDigitsAt);
  return offsets;
}

Status write_stamps(int file, const std::vector<uint64_t>& offsets, uint32_t generation) {
  const auto digits = digits_of(generation);
  for (const auto offset : offsets) {
    char there[kZeros.size()];
    const auto at = static_cast<off_t>(offset);
    if (::pread(file, there, sizeof there, at) != static_cast<ssize_t>(sizeof there) || std::memcmp(there, kZeros.data(), sizeof there) != 0) {
      return {Code::kCorrupt, "there is no name of a library at its byte " + std::to_string(offset) + ", which \"stamps\" names; pack the module again"};
    }
    if (::pwrite(file, digits.data(), digits.size(), at) != static_cast<ssize_t>(digits.size())) {
      return {Code::kInternal, std::string("its names cannot be stamped: ") + std::strerror(errno)};
    }
  }
  return {};
}

}  // namespace ark::container::package

#include "crash/symbol.hpp"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>

namespace ark::container::crash {
namespace {

using Header = ElfW(Ehdr);
using Section = ElfW(Shdr);
using Entry = ElfW(Sym);

/// A file of symbols is looked through for some milliseconds, not for ever.
constexpr uint64_t kMostSymbols = 4'000'000;
constexpr int kMostSections = 4096;

/// How far a function reaches whose size the file does not say, as in assembly.
constexpr uint64_t kUnknownSize = 4096;

class File {
 public:
  explicit File(const char* path) : fd_(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;

  /// How much of it there is at `at`, at most `size`.
  size_t read_some(uint64_t at, void* out, size_t size) const {
    size_t done = 0;
    while (fd_ >= 0 && done < size && at + done <= INT64_MAX) {
      const ssize_t got = pread(fd_, static_cast<char*>(out) + done, size - done, static_cast<off_t>(at + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }
  template <class T>
  bool read(uint64_t at, T* out) const {
    return read_some(at, out, sizeof *out) == sizeof *out;
  }

 private:
  int fd_;
};

bool is_elf(const Header& h) {
  return memcmp(h.e_ident, ELFMAG, SELFMAG) == 0 && h.e_ident[EI_CLASS] == ELFCLASS64 && h.e_shentsize == sizeof(Section);
}

bool section(const File& file, const Header& header, uint64_t index, Section* out) {
  return index < header.e_shnum && file.read(header.e_shoff + index * sizeof(Section), out);
}

/// The function that covers the address.
bool best_of(const File& file, const Section& table, uint64_t address, Entry* best) {
  Entry some[64];
  bool found = false;
  uint64_t left = table.sh_size / sizeof(Entry);
  if (left > kMostSymbols) left = kMostSymbols;
  for (uint64_t at = table.sh_offset; left > 0;) {
    const size_t wanted = left < 64 ? static_cast<size_t>(left) : 64;
    const size_t count = file.read_some(at, some, wanted * sizeof(Entry)) / sizeof(Entry);
    for (size_t i = 0; i < count; ++i) {
      const Entry& one = some[i];
      const int type = one.st_info & 15;
      if ((type != STT_FUNC && type != STT_GNU_IFUNC) || one.st_shndx == SHN_UNDEF || one.st_value > address) continue;
      if (address - one.st_value >= (one.st_size > 0 ? one.st_size : kUnknownSize)) continue;
      if (found && one.st_value < best->st_value) continue;
      *best = one;
      found = true;
    }
    if (count < wanted) break;
    left -= count;
    at += count * sizeof(Entry);
  }
  return found;
}

bool find_in(const File& file, const Header& header, uint32_t type, uint64_t address, Symbol* found) {
  for (uint64_t i = 0; i < header.e_shnum && i < kMostSections; ++i) {
    Section table, names;
    Entry best;
    if (!section(file, header, i, &table) || table.sh_type != type) continue;
    if (!section(file, header, table.sh_link, &names) || !best_of(file, table, address, &best)) continue;
    const size_t size = file.read_some(names.sh_offset + best.st_name, found->name, sizeof found->name - 1);
    found->name[size] = 0;
    found->offset = address - best.st_value;
    return found->name[0] != 0;
  }
  return false;
}

}  // namespace

bool find_symbol(const char* path, uint64_t address, Symbol* found) {
  const File file(path);
  Header header;
  if (!file.read(0, &header) || !is_elf(header)) return false;
  return find_in(file, header, SHT_SYMTAB, address, found) || find_in(file, header, SHT_DYNSYM, address, found);
}

}  // namespace ark::container::crash

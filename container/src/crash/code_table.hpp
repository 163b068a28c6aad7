/// Whose code lies where in the address space, in a form that a signal handler may ask.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace ark::container::crash {

/// Whose code it is. All empty: the platform's or the host's own.
struct Owner {
  std::string name, version;
  uint32_t generation = 0;
};

/// A loaded object. Constant while it is in the table.
struct Code {
  uintptr_t begin = 0, end = 0;  ///< from its first mapped byte to after its last
  uintptr_t base = 0;            ///< where address 0 of the file lies
  Owner owner;
  std::string file, build_id;    ///< absolute path; lower-case hexadecimal, or empty
};

/// Keeps one object in the table of this process. Any thread; each object of one thread at a time.
class MappedCode {
 public:
  MappedCode() = default;
  explicit MappedCode(Code code);
  MappedCode(MappedCode&& other) noexcept : row_(other.release()) {}
  MappedCode& operator=(MappedCode&& other) noexcept;
  ~MappedCode() { reset(); }

  /// Takes it out of the table. To be done before it is unmapped: something else may then lie there.
  void reset();
  /// It stays in the table as long as the process lives.
  void leave() { (void)release(); }

 private:
  using Row = std::atomic<const Code*>;
  Row* release();
  Row* row_ = nullptr;
};

/// While one exists, no row that it has found is freed. Async-signal-safe: rows are whole or not there at all.
class CodeReader {
 public:
  CodeReader();
  ~CodeReader();
  CodeReader(const CodeReader&) = delete;

  /// Null: nobody's that is known.
  const Code* find(uintptr_t address) const;
};

}  // namespace ark::container::crash

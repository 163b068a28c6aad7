/// SHA-256, through the provider that the linked libcrypto picks once per process.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace ark::container::package {

/// Takes a text in pieces. One thread at a time.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  void add(const void* data, size_t size);
  void add(std::string_view data) { add(data.data(), data.size()); }
  /// 64 hexadecimal digits, lower case, of all that was added; afterwards it starts anew.
  std::string finish_hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::string_view data);

}  // namespace ark::container::package

#include "package/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <new>

namespace ark::container::package {
namespace {

/// Found once: looking up an algorithm costs more than hashing a small file.
const EVP_MD* algorithm() {
  static const EVP_MD* const found = [] {
    // A digest depends on no configuration; reading openssl.cnf would double the time of the first one.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    return EVP_MD_fetch(nullptr, "SHA256", nullptr);
  }();
  return found;
}

/// libcrypto fails here only for want of memory: the algorithm is built in.
void must(bool good) {
  if (!good) throw std::bad_alloc();
}

}  // namespace

struct Sha256::Context {
  Context() : handle(EVP_MD_CTX_new()) { must(handle != nullptr); }
  ~Context() { EVP_MD_CTX_free(handle); }
  void start() { must(EVP_DigestInit_ex2(handle, algorithm(), nullptr) == 1); }

  EVP_MD_CTX* handle;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) { context_->start(); }
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(const void* data, size_t size) { must(EVP_DigestUpdate(context_->handle, data, size) == 1); }

std::string Sha256::finish_hex() {
  static constexpr char kHex[] = "0123456789abcdef";
  unsigned char digest[32];
  unsigned size = 0;
  must(EVP_DigestFinal_ex(context_->handle, digest, &size) == 1 && size == sizeof digest);
  context_->start();
  std::string text;
  text.reserve(2 * sizeof digest);
  for (auto byte : digest) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

std::string sha256_hex(std::string_view data) {
  Sha256 hash;
  hash.add(data);
  return hash.finish_hex();
}

}  // namespace ark::container::package

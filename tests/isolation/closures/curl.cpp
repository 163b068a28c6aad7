// Thirty files: libcurl with TLS, HTTP/2, LDAP, Kerberos and compression.
#include <ark/sdk.hpp>
#include <curl/curl.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace {

size_t append(char* data, size_t size, size_t count, void* to) {
  static_cast<std::string*>(to)->append(data, size * count);
  return size * count;
}

/// Reads a file of its own through libcurl, and asks a port where nobody listens over TLS.
class Curl {
 public:
  explicit Curl(ark::Context& ctx) {
    if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) throw std::runtime_error("curl_global_init failed");
    std::string body;
    get("file://" + ctx.resource("greeting.txt").path(), &body, CURLE_OK);
    if (body != "hello\n") throw std::runtime_error("it read '" + body + "'");
    get("https://127.0.0.1:1/", &body, CURLE_COULDNT_CONNECT);
    ctx.log().info(std::string("used ") + curl_version());
  }
  ~Curl() { curl_global_cleanup(); }

 private:
  static void get(const std::string& url, std::string* body, CURLcode expected) {
    const std::unique_ptr<CURL, void (*)(CURL*)> handle(curl_easy_init(), curl_easy_cleanup);
    curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, body);
    if (const auto code = curl_easy_perform(handle.get()); code != expected) throw std::runtime_error(url + ": " + curl_easy_strerror(code));
  }
};

}  // namespace

ARK_BIZ(Curl)

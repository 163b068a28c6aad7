#include "package/entry_path.hpp"

#include <algorithm>

#include "package/utf8.hpp"

namespace ark::container::package {

std::string_view path_fault(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.size() > 1024) return "is longer than 1024 bytes";
  if (path.front() == '/') return "is absolute; write it relative to the package";
  if (path.find('\\') != path.npos) return "contains a backslash; write /";
  if (std::any_of(path.begin(), path.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return "contains a control character";
  if (!is_utf8(path)) return "is not UTF-8";
  while (!path.empty()) {
    auto part = path.substr(0, path.find('/'));
    if (part.empty()) return "has an empty part";
    if (part == "..") return "leads out of the package with ..";
    if (part == ".") return "contains a part that is only a dot";
    if (part.size() > 255) return "has a part longer than 255 bytes";
    path.remove_prefix(part.size());
    if (path == "/") return "ends in /; folders are not listed, only files";
    if (!path.empty()) path.remove_prefix(1);
  }
  return {};
}

}  // namespace ark::container::package

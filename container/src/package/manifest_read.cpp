#include <ark/abi/version.h>

#include <algorithm>
#include <set>

#include "package/entry_path.hpp"
#include "package/json_fields.hpp"
#include "package/layout_json.hpp"
#include "package/manifest.hpp"

namespace ark::container::package {
namespace {

/// What is needed while reading and not afterwards.
struct Reading {
  Manifest manifest;
  size_t entry_at = 0;                      ///< position
  std::vector<size_t> resource_exports_at;  ///< positions
};

// ---- values

/// Fails with the reason of `result` unless that is ok.
template <class T>
T take(JsonReader& in, Result<T> result) {
  if (result.ok()) return std::move(*result);
  in.fail(result.status().code() == Code::kUnsupported ? Code::kUnsupported : Code::kCorrupt, result.status().text());
  return {};
}

std::string read_filled(JsonReader& in) {
  auto text = in.string();
  if (in.ok() && text.empty()) in.fail(Code::kCorrupt, "found an empty text, expected one with something in it");
  return text;
}

std::string read_hex(JsonReader& in, size_t digits, std::string_view what) {
  auto text = in.string();
  bool good = digits == 0 ? text.size() % 2 == 0 : text.size() == digits;
  for (char c : text) good = good && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  if (in.ok() && !good) in.fail(Code::kCorrupt, "found \"" + text.substr(0, 80) + "\", expected " + std::string(what));
  return text;
}

std::string read_path(JsonReader& in) {
  auto path = in.string();
  if (!in.ok()) return path;
  if (auto fault = path_fault(path); !fault.empty())
    in.fail(Code::kCorrupt, "the path \"" + path.substr(0, 80) + "\" " + std::string(fault));
  if (path == kManifestName) in.fail(Code::kCorrupt, "the manifest does not list itself; remove the entry");
  return path;
}

std::string read_numbers(JsonReader& in) {
  auto text = in.string();
  bool good = !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == text.npos;
  for (char c : text) good = good && ((c >= '0' && c <= '9') || c == '.');
  if (in.ok() && !good)
    in.fail(Code::kCorrupt,
            "found \"" + text.substr(0, 80) + "\", expected a version of the library's symbols, such as 2.36");
  return text;
}

void unsupported(JsonReader& in, std::string_view feature, std::string_view instead) {
  in.fail(Code::kUnsupported,
          std::string(feature) + " not supported by this version (" ARK_VERSION_TEXT "); " + std::string(instead));
}

/// A list of patterns, each of them once. at: where each of them stands; may be null.
std::vector<std::string> read_patterns(JsonReader& in, Status (*check)(std::string_view),
                                       std::vector<size_t>* at = nullptr) {
  std::vector<std::string> patterns;
  in.array([&] {
    if (at) at->push_back(in.position());
    auto text = in.string();
    if (!in.ok()) return;
    if (auto status = check(text); !status.ok()) in.fail(Code::kCorrupt, status.text());
    if (std::find(patterns.begin(), patterns.end(), text) != patterns.end())
      in.fail(Code::kCorrupt, "\"" + text + "\" stands here a second time; remove one of the two");
    patterns.push_back(std::move(text));
  });
  return patterns;
}

// ---- objects

struct ArraySection {
  uint64_t address = 0, size = 0;
};

constexpr Field<ArraySection> kArraySection[] = {
    {"address", Need::kRequired, [](JsonReader& in, ArraySection& a) { a.address = in.unsigned_integer(); }},
    {"size", Need::kRequired, [](JsonReader& in, ArraySection& a) { a.size = in.unsigned_integer(); }},
};

void read_array_section(JsonReader& in, uint64_t& address, uint64_t& size) {
  ArraySection section;
  read_fields(in, "an array of functions", kArraySection, section);
  address = section.address;
  size = section.size;
}

constexpr Field<PackagedFile> kFile[] = {
    {"path", Need::kRequired, [](JsonReader& in, PackagedFile& f) { f.path = read_path(in); }},
    {"size", Need::kRequired, [](JsonReader& in, PackagedFile& f) { f.size = in.unsigned_integer(); }},
    {"sha256", Need::kRequired,
     [](JsonReader& in, PackagedFile& f) { f.sha256 = read_hex(in, 64, "64 hexadecimal digits in lower case"); }},
    {"build-id", Need::kOptional,
     [](JsonReader& in, PackagedFile& f) {
       f.build_id = read_hex(in, 0, "an even number of hexadecimal digits in lower case");
     }},
    {"init-array", Need::kOptional,
     [](JsonReader& in, PackagedFile& f) { read_array_section(in, f.init_array, f.init_array_size); }},
    {"fini-array", Need::kOptional,
     [](JsonReader& in, PackagedFile& f) { read_array_section(in, f.fini_array, f.fini_array_size); }},
    {"stamps", Need::kOptional, [](JsonReader& in, PackagedFile& f) { in.array([&] { f.stamps.push_back(in.unsigned_integer()); }); }},
};

constexpr Field<Platform> kPlatform[] = {
    {"glibc", Need::kOptional, [](JsonReader& in, Platform& p) { p.glibc = read_numbers(in); }},
    {"glibcxx", Need::kOptional, [](JsonReader& in, Platform& p) { p.glibcxx = read_numbers(in); }},
    {"cxxabi", Need::kOptional, [](JsonReader& in, Platform& p) { p.cxxabi = read_numbers(in); }},
};

constexpr Field<Provenance> kProvenance[] = {
    {"commit", Need::kOptional, [](JsonReader& in, Provenance& p) { p.commit = in.string(); }},
    {"build-time", Need::kOptional, [](JsonReader& in, Provenance& p) { p.build_time = in.string(); }},
    {"compiler", Need::kOptional, [](JsonReader& in, Provenance& p) { p.compiler = in.string(); }},
    {"flags", Need::kOptional, [](JsonReader& in, Provenance& p) { p.flags = in.string(); }},
};

template <class Service>
struct ServiceReading {
  Service service;
  size_t layout_at = 0;  ///< position
};

template <class Service, Result<Service> (*kParse)(std::string_view)>
void read_service_text(JsonReader& in, ServiceReading<Service>& reading) {
  auto text = in.string();
  auto layout = std::move(reading.service.layout);  // the keys may come in any order
  if (in.ok()) reading.service = take(in, kParse(text));
  reading.service.layout = std::move(layout);
}

template <class Service>
void read_service_layout(JsonReader& in, ServiceReading<Service>& reading) {
  reading.layout_at = in.position();
  reading.service.layout = read_layout(in);
}

constexpr Field<ServiceReading<ServiceExport>> kExport[] = {
    {"service", Need::kRequired, read_service_text<ServiceExport, parse_export>},
    {"layout", Need::kRequired, read_service_layout<ServiceExport>},
};

constexpr Field<ServiceReading<ServiceImport>> kImport[] = {
    {"service", Need::kRequired, read_service_text<ServiceImport, parse_import>},
    {"layout", Need::kOptional, read_service_layout<ServiceImport>},
};

template <class Service, size_t kCount>
void read_services(JsonReader& in, std::string_view what, const Field<ServiceReading<Service>> (&fields)[kCount],
                   std::vector<Service>& out) {
  std::set<std::string> seen;
  in.array([&] {
    auto begin = in.position();
    ServiceReading<Service> reading;
    read_fields(in, what, fields, reading);
    auto& service = reading.service;
    if (!in.ok()) return;
    if (!seen.insert(service.id).second)
      in.fail_at(begin, Code::kCorrupt, service.id + " stands here a second time; remove one of the two");
    if (reading.layout_at != 0) {
      service.layout.contract.id = service.id;
      if (auto fault = layout_fault(service.layout); !fault.empty())
        in.fail_at(reading.layout_at, Code::kCorrupt, "layout: " + fault);
      service.digest = layout_digest(service.layout);
    }
    out.push_back(std::move(service));
  });
}

void read_resource_exports(JsonReader& in, Reading& r) {
  r.manifest.exported_resources = read_patterns(in, check_resource_pattern, &r.resource_exports_at);
}

void read_resource_imports(JsonReader& in, Manifest& m) {
  in.array([&] {
    auto text = in.string();
    if (!in.ok()) return;
    auto import = take(in, parse_resource_import(text));
    for (const auto& other : m.imported_resources) {
      if (other.pattern == import.pattern)
        in.fail(Code::kCorrupt, "\"" + import.pattern + "\" stands here a second time; remove one of the two");
    }
    m.imported_resources.push_back(std::move(import));
  });
}

constexpr Field<Reading> kExports[] = {
    {"services", Need::kOptional,
     [](JsonReader& in, Reading& r) { read_services(in, "an exported service", kExport, r.manifest.exports); }},
    {"resources", Need::kOptional, read_resource_exports},
};

constexpr Field<Manifest> kImports[] = {
    {"services", Need::kOptional,
     [](JsonReader& in, Manifest& m) { read_services(in, "an imported service", kImport, m.imports); }},
    {"resources", Need::kOptional, read_resource_imports},
};

constexpr Field<Denials> kDenials[] = {
    {"services", Need::kOptional,
     [](JsonReader& in, Denials& d) { d.services = read_patterns(in, check_service_pattern); }},
    {"resources", Need::kOptional,
     [](JsonReader& in, Denials& d) { d.resources = read_patterns(in, check_resource_pattern); }},
};

// ---- the manifest

void read_format(JsonReader& in, Reading& r) {
  r.manifest.format = static_cast<int>(in.integer(1, INT32_MAX));
  if (in.ok() && r.manifest.format > kManifestFormat) {
    unsupported(in, "format " + std::to_string(r.manifest.format) + " of packages is",
                "pack the module with tools of this version, or use a newer container");
  }
}

void read_kind(JsonReader& in, Reading& r) {
  auto kind = in.string();
  r.manifest.kind = kind == "plugin" ? Kind::kPlugin : Kind::kBiz;
  if (in.ok() && kind != "plugin" && kind != "biz")
    in.fail(Code::kCorrupt, "found \"" + kind.substr(0, 80) + "\", expected \"biz\" or \"plugin\"");
}

void read_module_name(JsonReader& in, Reading& r) {
  r.manifest.name = in.string();
  if (auto status = check_module_name(r.manifest.name); in.ok() && !status.ok()) in.fail(Code::kCorrupt, status.text());
}

void read_isolation(JsonReader& in, Reading& r) {
  r.manifest.isolation = in.string();
  if (!in.ok() || r.manifest.isolation == "symbols") return;
  if (r.manifest.isolation == "process" || r.manifest.isolation == "linked") {
    return unsupported(in, "isolation \"" + r.manifest.isolation + "\" of a package is", "write \"symbols\"");
  }
  in.fail(Code::kCorrupt, "found \"" + r.manifest.isolation.substr(0, 80) + "\", expected \"symbols\"");
}

void read_dependencies(JsonReader& in, Reading& r) {
  in.array([&] {
    auto text = in.string();
    if (in.ok()) r.manifest.dependencies.push_back(take(in, parse_dependency(text)));
  });
}

void read_files(JsonReader& in, Reading& r) {
  std::set<std::string> seen;
  auto& files = r.manifest.files;
  in.array([&] {
    auto begin = in.position();
    read_fields(in, "a file", kFile, files.emplace_back());
    if (!seen.insert(files.back().path).second)
      in.fail_at(begin, Code::kCorrupt, files.back().path + " stands here a second time; remove one of the two");
  });
}

constexpr Field<Reading> kManifest[] = {
    {"format", Need::kRequired, read_format},
    {"kind", Need::kRequired, read_kind},
    {"name", Need::kRequired, read_module_name},
    {"version", Need::kRequired,
     [](JsonReader& in, Reading& r) {
       auto text = in.string();
       if (in.ok()) r.manifest.version = take(in, parse_version(text));
     }},
    {"description", Need::kOptional, [](JsonReader& in, Reading& r) { r.manifest.description = in.string(); }},
    {"entry", Need::kRequired,
     [](JsonReader& in, Reading& r) {
       r.entry_at = in.position();
       r.manifest.entry = read_path(in);
     }},
    {"priority", Need::kOptional,
     [](JsonReader& in, Reading& r) { r.manifest.priority = static_cast<int>(in.integer(INT32_MIN, INT32_MAX)); }},
    {"fingerprint", Need::kRequired, [](JsonReader& in, Reading& r) { r.manifest.fingerprint = read_filled(in); }},
    {"abi", Need::kRequired, [](JsonReader& in, Reading& r) { r.manifest.abi = in.u32(); }},
    {"sdk", Need::kRequired,
     [](JsonReader& in, Reading& r) {
       r.manifest.sdk_version = in.string();
       if (in.ok()) take(in, parse_version(r.manifest.sdk_version));
     }},
    {"platform", Need::kOptional,
     [](JsonReader& in, Reading& r) { read_fields(in, "the platform", kPlatform, r.manifest.platform); }},
    {"exports", Need::kOptional, [](JsonReader& in, Reading& r) { read_fields(in, "the exports", kExports, r); }},
    {"imports", Need::kOptional,
     [](JsonReader& in, Reading& r) { read_fields(in, "the imports", kImports, r.manifest); }},
    {"deny-imports", Need::kOptional,
     [](JsonReader& in, Reading& r) { read_fields(in, "the denied imports", kDenials, r.manifest.denied); }},
    {"config", Need::kOptional,
     [](JsonReader& in, Reading&) {
       in.object(
           [&](std::string_view) { unsupported(in, "configuration keys of modules are", "leave the object empty"); });
     }},
    {"isolation", Need::kOptional, read_isolation},
    {"dependencies", Need::kOptional, read_dependencies},
    {"provenance", Need::kOptional,
     [](JsonReader& in, Reading& r) { read_fields(in, "the provenance", kProvenance, r.manifest.provenance); }},
    {"files", Need::kRequired, read_files},
};

}  // namespace

namespace {

/// Each pattern of exported resources must have a file: it is misspelt, or the file was forgotten.
void check_resource_exports(JsonReader& in, const Reading& r) {
  for (size_t i = 0; i < r.manifest.exported_resources.size(); ++i) {
    const auto& pattern = r.manifest.exported_resources[i];
    const bool has_one = std::any_of(r.manifest.files.begin(), r.manifest.files.end(), [&](const PackagedFile& file) {
      return matches(std::string(kResourceFolder) + pattern, file.path);
    });
    if (has_one) continue;
    in.fail_at(r.resource_exports_at[i], Code::kCorrupt,
               "exports.resources[" + std::to_string(i) + "]: no file of the package is \"" +
                   std::string(kResourceFolder) + pattern + "\"");
  }
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view json, std::string_view origin) {
  JsonReader in(json, origin);
  Reading reading;
  read_fields(in, "the manifest", kManifest, reading);
  if (in.ok() && reading.manifest.find_file(reading.manifest.entry) == nullptr) {
    in.fail_at(reading.entry_at, Code::kCorrupt,
               "entry: \"" + reading.manifest.entry + "\" is not among the files of the manifest");
  }
  if (in.ok()) check_resource_exports(in, reading);
  if (!in.ok()) return in.status();
  return std::move(reading.manifest);
}

std::vector<KnownObject> known_manifest_objects() {
  auto objects = known_layout_objects();
  for (auto& object :
       {known_object("#", kManifest), known_object("#/$defs/file", kFile),
        known_object("#/$defs/array-section", kArraySection), known_object("#/properties/platform", kPlatform),
        known_object("#/properties/provenance", kProvenance), known_object("#/properties/exports", kExports),
        known_object("#/properties/imports", kImports), known_object("#/properties/deny-imports", kDenials),
        known_object("#/$defs/export", kExport), known_object("#/$defs/import", kImport)}) {
    objects.push_back(object);
  }
  return objects;
}

}  // namespace ark::container::package

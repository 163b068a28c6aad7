#include "pack/patch.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <gmock/gmock.h>
#include <link.h>

#include <algorithm>
#include <cstring>

#include "package/elf.hpp"
#include "package/elf_file.hpp"
#include "packaging/pack/libraries.hpp"
#include "support/temp_dir.hpp"

namespace ark::packaging {
namespace {

using container::Code;
using container::package::ElfFile;
using container::package::ElfInfo;
using container::package::parse_elf;
using test::engine_patch;
using test::library_bytes;
using test::put;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

container::Result<std::string> patched_and_checked(const std::string& bytes, const Patch& patch) {
  auto written = patched(bytes, patch, "x.so");
  if (!written.ok()) return written;
  if (auto status = check_patched(bytes, *written, patch, "x.so"); !status.ok()) return status;
  return written;
}

/// A main file, an engine and its parts, under names of their own in a folder of their own, loaded.
class Bundle {
 public:
  Bundle(const std::string& engine, const std::string& name) {
    Patch main;
    main.needed = {{"libpatch_engine.so", "engine-" + name + ".so"}};
    main.own_folder_first = true;
    write("main-" + name, library_bytes("main"), main);
    write("engine-" + name, engine, engine_patch(name));
    Patch parts;
    parts.soname = "parts-" + name + ".so";
    write("parts-" + name, library_bytes("parts"), parts);
    handle_ = dlopen((dir_ / ("main-" + name + ".so")).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) ADD_FAILURE() << dlerror();
  }
  ~Bundle() { close(); }

  /// Calls a function of the main file or of what it needs.
  template <class... Arguments>
  int call(const char* name, Arguments... arguments) {
    auto* function = handle_ == nullptr ? nullptr : reinterpret_cast<int (*)(Arguments...)>(dlsym(handle_, name));
    EXPECT_NE(function, nullptr) << name;
    return function == nullptr ? -1 : function(arguments...);
  }
  /// How many of its files are mapped. Their program headers must be there too: exceptions are thrown by them.
  int mapped() {
    int count = 0;
    each_object([&](const dl_phdr_info& object) {
      const auto* end = object.dlpi_phdr + object.dlpi_phnum;
      EXPECT_TRUE(std::any_of(object.dlpi_phdr, end, [](const auto& header) { return header.p_type == PT_DYNAMIC; }))
          << object.dlpi_name;
      ++count;
    });
    return count;
  }
  void close() {
    if (handle_ != nullptr) dlclose(handle_);
    handle_ = nullptr;
  }

 private:
  void write(const std::string& name, const std::string& bytes, const Patch& patch) {
    auto written = patched_and_checked(bytes, patch);
    ASSERT_TRUE(written.ok()) << written.status().text();
    ASSERT_TRUE(container::base::write_file_synced(dir_ / (name + ".so"), *written, 0500).ok());
  }
  template <class Visit>
  void each_object(Visit visit) {
    auto if_mine = [&](const dl_phdr_info& object) {
      if (std::string_view(object.dlpi_name).starts_with(dir_.path().native())) visit(object);
    };
    dl_iterate_phdr(
        [](dl_phdr_info* object, size_t, void* data) {
          (*static_cast<decltype(if_mine)*>(data))(*object);
          return 0;
        },
        &if_mine);
  }

  test::TempDir dir_;
  void* handle_ = nullptr;
};

void expect_works(Bundle& bundle) {
  EXPECT_EQ(bundle.mapped(), 3);
  EXPECT_EQ(bundle.call("engine_constructed"), 0);  // the container runs the table itself
  EXPECT_EQ(bundle.call("engine_zeros"), 0);
  EXPECT_EQ(bundle.call("engine_throws", 7), 7);
  EXPECT_EQ(bundle.call("engine_parts"), 1);
  EXPECT_EQ(bundle.call("engine_calls"), 1);
  EXPECT_EQ(bundle.call("main_calls"), 2);
  EXPECT_EQ(bundle.call("engine_thread"), 1001);
  bundle.call("engine_exit", 3);
  EXPECT_EQ(bundle.call("main_status"), 3);
}

/// Under each form of the engine: libraries of the same names, symbols and versions are loaded side by side, bind to
/// their own, reach their own hooks and are gone at once.
class PatchedEngine : public testing::TestWithParam<std::string> {
 protected:
  std::string bytes() const {
    const auto& name = GetParam();
    if (name == "twice") {
      Patch first;
      first.soname = "first.so";
      return *patched(library_bytes("engine"), first, name);
    }
    if (name == "no_sections") return test::without_sections(library_bytes("engine"));
    return library_bytes(name);
  }
};

TEST_P(PatchedEngine, IsLoadedBesideItsLikeAndUnmapped) {
  const std::string engine = bytes();
  Bundle one(engine, "one");
  expect_works(one);
  Bundle two(engine, "two");
  expect_works(two);
  one.close();
  EXPECT_EQ(one.mapped(), 0);
  EXPECT_EQ(two.call("engine_calls"), 3);
  EXPECT_EQ(two.call("engine_throws", 5), 5);
  two.close();
  EXPECT_EQ(two.mapped(), 0);
}

INSTANTIATE_TEST_SUITE_P(Patch, PatchedEngine,
                         testing::Values("engine", "engine_sysv", "engine_relr", "engine_stripped", "engine_run_path",
                                         "engine_old_run_path", "engine_full", "engine_nameless", "no_sections",
                                         "twice"),
                         [](const auto& test) { return test.param; });

ElfInfo info_of(const std::string& bytes) {
  auto info = parse_elf(bytes, "x.so");
  EXPECT_TRUE(info.ok()) << info.status().text();
  return info.ok() ? *info : ElfInfo();
}

TEST(Patch, TheEnginesAreWhatTheTestsNeed) {
  const auto engine = library_bytes("engine");
  const auto info = info_of(engine);
  EXPECT_NE(info.flags_1 & DF_1_NODELETE, 0u);
  EXPECT_GT(info.init_array.size, 0u);
  EXPECT_GT(info.fini_array.size, 0u);
  EXPECT_EQ(test::count_bindings(engine, STB_GNU_UNIQUE) > 0, test::kGcc);
  ElfFile file(engine);
  auto is_exit = [](const auto& symbol) { return symbol.name == "exit"; };
  auto found = std::find_if(file.symbols().begin(), file.symbols().end(), is_exit);
  ASSERT_NE(found, file.symbols().end());
  EXPECT_NE(file.strings()[found->raw.st_name - 1], '\0') << "exit is not the end of another name";

  const auto sysv = library_bytes("engine_sysv"), relr = library_bytes("engine_relr");
  EXPECT_EQ(ElfFile(sysv).find(DT_GNU_HASH), nullptr);
  EXPECT_NE(ElfFile(relr).find(DT_RELR), nullptr);
  EXPECT_THAT(info_of(library_bytes("engine_nameless")).soname, IsEmpty());
  EXPECT_THAT(info_of(library_bytes("engine_run_path")).run_paths, ElementsAre("/opt/company"));
  const auto full = library_bytes("engine_full");
  EXPECT_EQ(ElfFile(full).spare_dynamic(), 0u);
}

TEST(Patch, NamesVersionsAndImportsAreAsItSays) {
  const auto info = info_of(*patched_and_checked(library_bytes("engine"), engine_patch("one")));
  EXPECT_EQ(info.soname, "engine-one.so");
  EXPECT_THAT(info.needed, AllOf(Contains("parts-one.so"), Contains("libc.so.6"), Not(Contains("libpatch_parts.so"))));
  EXPECT_THAT(info.versions, Contains(AllOf(Field(&container::package::ElfVersion::file, "parts-one.so"),
                                            Field(&container::package::ElfVersion::version, "PARTS_1.0"))));
  using container::package::ElfSymbol;
  EXPECT_THAT(info.symbols, Contains(AllOf(Field(&ElfSymbol::name, "ark_hook_exit"), Field(&ElfSymbol::version, ""))));
  EXPECT_THAT(info.symbols, Not(Contains(Field(&ElfSymbol::name, "exit"))));
  EXPECT_THAT(info.symbols,
              Contains(AllOf(Field(&ElfSymbol::name, "parts_count"), Field(&ElfSymbol::version, "PARTS_1.0"))));
  EXPECT_THAT(info.symbols,
              Contains(AllOf(Field(&ElfSymbol::name, "engine_exit"), Field(&ElfSymbol::version, "ENGINE_1.0"))));
}

TEST(Patch, WithoutNewNamesNothingMovesAndWhatPinsIsGone) {
  const auto engine = library_bytes("engine");
  auto written = patched_and_checked(engine, {});
  ASSERT_TRUE(written.ok()) << written.status().text();
  EXPECT_EQ(written->size(), engine.size());
  const auto before = info_of(engine), info = info_of(*written);
  EXPECT_EQ(info.flags_1, before.flags_1 & ~uint64_t{DF_1_NODELETE});
  EXPECT_EQ(info.init_array.size, 0u);
  EXPECT_EQ(info.init_array.address, before.init_array.address);
  EXPECT_EQ(info.fini_array.size, 0u);
  EXPECT_EQ(test::count_bindings(*written, STB_GNU_UNIQUE), 0);
  EXPECT_EQ(test::count_bindings(*written, STB_WEAK),
            test::count_bindings(engine, STB_WEAK) + test::count_bindings(engine, STB_GNU_UNIQUE));
  EXPECT_EQ(*patched(*written, {}, "x.so"), *written);
}

TEST(Patch, AFunctionOfItsOwnKeepsItsName) {
  Patch patch;
  patch.imports = {{"engine_exit", "ark_hook_exit"}, {"nobody_imports_this", "ark_hook_nobody"}};
  const auto engine = library_bytes("engine");
  EXPECT_EQ(*patched_and_checked(engine, patch), *patched(engine, {}, "x.so"));
}

TEST(Patch, SearchPathsLeadToTheOwnFolder) {
  for (auto name : {"engine_run_path", "engine_old_run_path", "engine"}) {
    const auto library = library_bytes(name);
    const bool has_path = std::string_view(name) != "engine";
    auto written = *patched_and_checked(library, {});
    EXPECT_EQ(info_of(written).run_paths, std::vector<std::string>(has_path ? 1 : 0, "$ORIGIN")) << name;
    EXPECT_EQ(ElfFile(written).find(DT_RUNPATH) != nullptr, std::string_view(name) == "engine_run_path");
    Patch first;
    first.own_folder_first = true;
    written = *patched_and_checked(library, first);
    EXPECT_THAT(info_of(written).run_paths, ElementsAre("$ORIGIN")) << name;
    EXPECT_EQ(ElfFile(written).find(DT_RUNPATH), nullptr) << "it would switch DT_RPATH off";
  }
}

TEST(Patch, ALibraryWithoutANameGetsOne) {
  Patch patch;
  patch.soname = "engine-one.so";
  patch.own_folder_first = true;
  const auto info = info_of(*patched_and_checked(library_bytes("engine_nameless"), patch));
  EXPECT_EQ(info.soname, "engine-one.so");
  EXPECT_THAT(info.run_paths, ElementsAre("$ORIGIN"));
}

/// Programs and other tools find the program headers by a header of their own.
TEST(Patch, TheHeaderOfTheProgramHeadersFollowsThem) {
  const auto program = *container::base::read_file("/proc/self/exe", size_t{1} << 30);
  Patch patch;
  patch.soname = "program";
  const auto written = *patched_and_checked(program, patch);
  ElfFile file(written);
  auto is_self = [](const auto& segment) { return segment.p_type == PT_PHDR; };
  auto found = std::find_if(file.segments().begin(), file.segments().end(), is_self);
  ASSERT_NE(found, file.segments().end());
  EXPECT_EQ(found->p_offset, file.header().e_phoff);
  EXPECT_EQ(file.offset_of(found->p_vaddr, found->p_filesz), file.header().e_phoff);
  EXPECT_EQ(found->p_filesz, file.segments().size() * sizeof(Elf64_Phdr));
}

void expect_refused(const std::string& bytes, const Patch& patch, const std::string& text,
                    Code code = Code::kIncompatible) {
  auto status = patched(bytes, patch, "acme.so").status();
  EXPECT_EQ(status.code(), code) << text;
  EXPECT_THAT(status.text(), AllOf(HasSubstr("acme.so"), HasSubstr(text)));
}

TEST(PatchRefuses, WhatWouldNotBeIsolated) {
  expect_refused(test::module_bytes("global"), {}, "DF_1_GLOBAL");
  expect_refused(test::module_bytes("initfirst"), {}, "DF_1_INITFIRST");
  expect_refused(library_bytes("engine_filter"), {}, "DT_FILTER");
}

TEST(PatchRefuses, WhatHasNoRoomForASearchPath) {
  Patch patch;
  patch.own_folder_first = true;
  expect_refused(library_bytes("engine_full"), patch, "--spare-dynamic-tags=5");
}

TEST(PatchRefuses, NamesThatCannotBe) {
  Patch patch;
  patch.needed = {{"libpatch_parts.so", "a.so"}, {"libother.so", "b.so"}};
  expect_refused(library_bytes("engine"), patch, "libother.so");
  for (const auto& name : {std::string(), std::string("a\0b", 3), std::string(5000, 'x')}) {
    patch.needed = {{"libpatch_parts.so", name}};
    expect_refused(library_bytes("engine"), patch, "4095", Code::kInvalidArgument);
    patch.needed.clear();
    patch.imports = {{"exit", name}};
    expect_refused(library_bytes("engine"), patch, "4095", Code::kInvalidArgument);
    patch.imports.clear();
  }
  patch.soname = std::string("a\0b", 3);
  expect_refused(library_bytes("engine"), patch, "4095", Code::kInvalidArgument);
}

TEST(PatchRefuses, WhatIsNoSharedObject) {
  expect_refused("#!/bin/sh\n", {}, "no ELF file", Code::kCorrupt);
  expect_refused("", {}, "no ELF file", Code::kCorrupt);
}

TEST(PatchRefuses, LayoutsThatNoLinkerMakes) {
  const auto engine = library_bytes("engine");
  ElfFile file(engine);

  auto prelinked = engine;
  put(prelinked, file.find(DT_RELACOUNT)->offset, int64_t{DT_GNU_PRELINKED});
  expect_refused(prelinked, {}, "prelink");

  auto version = engine;
  const uint64_t base = file.offset_of(file.value(DT_VERDEF), sizeof(Elf64_Verdef));
  const uint64_t next = base + file.get<Elf64_Verdef>(base).vd_next;
  put(version, next + offsetof(Elf64_Verdef, vd_ndx), uint16_t{VER_NDX_GLOBAL});
  expect_refused(version, {}, "symbol versions");

  auto no_strings = engine;
  const uint64_t section = file.header().e_shoff + file.strings_section() * sizeof(Elf64_Shdr);
  put(no_strings, section + offsetof(Elf64_Shdr, sh_type), uint32_t{SHT_PROGBITS});
  expect_refused(no_strings, {}, "table of sections");

  const auto load = test::load_headers(file);
  ASSERT_GE(load.size(), 3u);
  auto overlapping = engine;
  put(overlapping, load[1] + offsetof(Elf64_Phdr, p_memsz), uint64_t{1} << 30);
  expect_refused(overlapping, {}, "overlap");
  auto far_away = engine;
  put(far_away, load.back() + offsetof(Elf64_Phdr, p_memsz), UINT64_MAX - 4096);
  expect_refused(far_away, {}, "impossible");
  auto small = engine;
  put(small, load.back() + offsetof(Elf64_Phdr, p_memsz), uint64_t{1});
  expect_refused(small, {}, "impossible");
}

TEST(PatchRefuses, AFileThatHasAllTheSegmentsItMayHave) {
  auto engine = library_bytes("engine");
  auto segments = ElfFile(engine).segments();
  segments.resize(ElfFile::kMaxSegments);
  put(engine, offsetof(Elf64_Ehdr, e_phoff), uint64_t{engine.size()});
  put(engine, offsetof(Elf64_Ehdr, e_phnum), static_cast<uint16_t>(segments.size()));
  engine.append(reinterpret_cast<const char*>(segments.data()), segments.size() * sizeof segments[0]);
  ASSERT_TRUE(ElfFile(engine).ok());
  expect_refused(engine, {}, "256 segments");
}

}  // namespace
}  // namespace ark::packaging

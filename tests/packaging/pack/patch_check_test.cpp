#include <elf.h>
#include <gmock/gmock.h>

#include "package/elf.hpp"
#include "packaging/pack/libraries.hpp"

namespace ark::packaging {
namespace {

using container::Code;
using container::package::ElfFile;
using test::engine_patch;
using test::library_bytes;
using test::put;
using testing::AllOf;
using testing::HasSubstr;

void expect_found(const std::string& original, const std::string& written, const Patch& patch,
                  const std::string& text) {
  auto status = check_patched(original, written, patch, "acme.so");
  EXPECT_EQ(status.code(), Code::kInternal) << text;
  EXPECT_THAT(status.text(), AllOf(HasSubstr("acme.so"), HasSubstr(text)));
}

TEST(PatchCheck, APatcherThatWroteNothingIsFound) {
  const auto engine = library_bytes("engine");
  expect_found(engine, engine, engine_patch("one"),
               "DT_NEEDED is \"libpatch_parts.so\" and should be \"parts-one.so\"");
  expect_found(engine, engine, {}, "should be");
  const auto sound = test::module_bytes("sound");
  expect_found(sound, sound, {}, "DT_INIT_ARRAYSZ");
}

TEST(PatchCheck, EachPartThatIsMissingIsFound) {
  const auto engine = library_bytes("engine"), run_path = library_bytes("engine_run_path");
  const Patch whole = engine_patch("one");
  auto without = whole;
  without.soname.clear();
  expect_found(engine, *patched(engine, without, "x"), whole, "DT_SONAME is \"libpatch_engine.so\"");
  without = whole;
  without.needed.clear();
  expect_found(engine, *patched(engine, without, "x"), whole, "DT_NEEDED");
  without = whole;
  without.imports.erase("exit");
  expect_found(engine, *patched(engine, without, "x"), whole, "symbol exit is \"exit\"");
  auto first = whole;
  first.own_folder_first = true;
  expect_found(engine, *patched(engine, whole, "x"), first, "number of its dynamic entries");
  expect_found(run_path, *patched(run_path, whole, "x"), first, "tag of a dynamic entry");
}

TEST(PatchCheck, EachPartThatNobodyAskedForIsFound) {
  const auto engine = library_bytes("engine");
  const Patch whole = engine_patch("one");
  auto more = whole;
  more.imports["raise"] = more.imports["parts_count"] = "ark_hook_more";
  expect_found(engine, *patched(engine, more, "x"), whole, "symbol parts_count is \"ark_hook_more\"");
  more = whole;
  more.own_folder_first = true;
  expect_found(engine, *patched(engine, more, "x"), whole, "number of its dynamic entries");
  Patch soname;
  soname.soname = "a.so";
  expect_found(engine, *patched(engine, soname, "x"), {}, "DT_SONAME");
}

/// Each of the changes in place, undone.
TEST(PatchCheck, WhatWasNotWrittenInOnePlaceIsFound) {
  const auto engine = library_bytes("engine");
  const Patch patch = engine_patch("one");
  const auto written = *patched(engine, patch, "x");
  ElfFile before(engine);
  auto undone = [&](uint64_t offset, size_t size) {
    auto bytes = written;
    EXPECT_NE(bytes.compare(offset, size, engine, offset, size), 0);
    return bytes.replace(offset, size, engine, offset, size);
  };
  auto entry = [&](int64_t tag) { return undone(before.find(tag)->offset, sizeof(Elf64_Dyn)); };
  expect_found(engine, entry(DT_FLAGS_1), patch, "DT_FLAGS_1");
  expect_found(engine, entry(DT_INIT_ARRAYSZ), patch, "DT_INIT_ARRAYSZ");
  expect_found(engine, entry(DT_FINI_ARRAYSZ), patch, "DT_FINI_ARRAYSZ");
  expect_found(engine, entry(DT_STRTAB), patch, "not patched as it should be");
  expect_found(engine, entry(DT_STRSZ), patch, "not patched as it should be");
  for (const auto& symbol : before.symbols()) {
    const bool unique = ELF64_ST_BIND(symbol.raw.st_info) == STB_GNU_UNIQUE;
    if (unique) expect_found(engine, undone(symbol.offset, sizeof symbol.raw), patch, "its kind");
    if (symbol.name == "exit")
      expect_found(engine, undone(symbol.version_offset, 2), patch, "symbol exit, its version");
  }
  for (const auto& need : before.version_needs()) {
    if (need.file == "libpatch_parts.so") expect_found(engine, undone(need.offset, 16), patch, "DT_VERNEED");
  }
  const uint64_t section = before.header().e_shoff + before.strings_section() * sizeof(Elf64_Shdr);
  expect_found(engine, undone(section, sizeof(Elf64_Shdr)), patch, ".dynstr");
}

/// Whatever it holds: code, tables, padding, names, the headers and strings that were added.
TEST(PatchCheck, ABitThatChangedAnywhereIsFound) {
  for (auto name : {"engine", "engine_stripped"}) {
    const auto engine = library_bytes(name);
    auto patch = engine_patch("one");
    patch.own_folder_first = true;
    auto written = *patched(engine, patch, "x");
    ASSERT_TRUE(check_patched(engine, written, patch, "x").ok());
    const uint64_t added = ElfFile(written).header().e_phoff;
    for (size_t at = 0; at < written.size(); at += at < added && at > 1024 ? 5 : 1) {
      const char bit = static_cast<char>(1 << at % 8);
      written[at] ^= bit;
      ASSERT_EQ(check_patched(engine, written, patch, "x").code(), Code::kInternal) << "byte " << at;
      written[at] ^= bit;
    }
  }
}

TEST(PatchCheck, AFileOfAnotherLengthIsFound) {
  const auto engine = library_bytes("engine");
  for (const auto& patch : {Patch(), engine_patch("one")}) {
    const auto written = *patched(engine, patch, "x");
    expect_found(engine, written + '\0', patch, "is ");
    expect_found(engine, written.substr(0, written.size() - 1), patch, "not patched as it should be");
    expect_found(engine, "", patch, "no ELF file");
  }
}

/// In names that nobody uses something could travel that nobody has looked at.
TEST(PatchCheck, NamesThatNothingRefersToAreFound) {
  const auto engine = library_bytes("engine");
  const Patch patch = engine_patch("one");
  auto written = *patched(engine, patch, "x") + std::string("more\0", 5);
  ElfFile file(written);
  const uint64_t size = file.strings().size() + 5;
  put(written, file.find(DT_STRSZ)->offset + offsetof(Elf64_Dyn, d_un), size);
  put(written, file.header().e_shoff + file.strings_section() * sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, sh_size),
      size);
  auto added = test::load_headers(file).back();
  for (auto field : {offsetof(Elf64_Phdr, p_filesz), offsetof(Elf64_Phdr, p_memsz)}) {
    put(written, added + field, file.get<uint64_t>(added + field) + 5);
  }
  expect_found(engine, written, patch, "the end of the names that it uses");
}

/// Whatever the file holds: an error, or a result that is sound.
void expect_error_or_sound(const std::string& bytes, const Patch& patch) {
  auto written = patched(bytes, patch, "x.so");
  if (!written.ok() || !check_patched(bytes, *written, patch, "x.so").ok()) return;
  auto info = container::package::parse_elf(*written, "x.so");
  if (!info.ok()) return;  // what the patch does not touch is for the linter
  EXPECT_EQ(info->soname, patch.soname);
  EXPECT_EQ(info->init_array.size, 0u);
}

TEST(PatchHostile, TruncationAtAnyStepIsAnError) {
  const auto engine = library_bytes("engine");
  for (size_t size = 0; size < engine.size(); size += 64) {
    auto status = patched(std::string_view(engine).substr(0, size), engine_patch("one"), "cut.so").status();
    ASSERT_EQ(status.code(), Code::kCorrupt) << size;
    ASSERT_THAT(status.text(), HasSubstr("cut.so"));
  }
}

TEST(PatchHostile, WrongBytesAreRefusedOrPatched) {
  const auto engine = library_bytes("engine");
  auto patch = engine_patch("one");
  patch.own_folder_first = true;
  for (unsigned char value : {0x00, 0xff}) {
    for (size_t at = 0; at < std::min<size_t>(engine.size(), 24576); at += at < 1024 ? 1 : 5) {
      auto bytes = engine;
      bytes[at] = static_cast<char>(value);
      expect_error_or_sound(bytes, patch);
    }
  }
}

TEST(PatchHostile, WildAddressesAndSizesAreRefusedOrPatched) {
  const auto engine = library_bytes("engine");
  ElfFile file(engine);
  for (const auto& entry : file.dynamic()) {
    for (uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{64}, uint64_t{engine.size()}, uint64_t{1} << 32,
                           uint64_t{1} << 63, UINT64_MAX - 7, uint64_t{UINT64_MAX}}) {
      auto bytes = engine;
      put(bytes, entry.offset + offsetof(Elf64_Dyn, d_un), value);
      expect_error_or_sound(bytes, engine_patch("one"));
    }
  }
}

/// The same bytes are symbols, versions and names at once.
TEST(PatchHostile, TablesThatOverlapAreRefusedOrFound) {
  const auto engine = library_bytes("engine");
  ElfFile file(engine);
  for (int64_t tag : {DT_SYMTAB, DT_STRTAB, DT_VERSYM, DT_VERNEED, DT_VERDEF, DT_GNU_HASH}) {
    for (int64_t other : {DT_SYMTAB, DT_STRTAB, DT_VERSYM, DT_VERNEED, DT_VERDEF, DT_GNU_HASH, DT_INIT_ARRAY}) {
      auto bytes = engine;
      put(bytes, file.find(tag)->offset + offsetof(Elf64_Dyn, d_un), file.value(other));
      expect_error_or_sound(bytes, engine_patch("one"));
    }
  }
}

}  // namespace
}  // namespace ark::packaging

#include "package/elf.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <gmock/gmock.h>

#include <cstring>

#include "packaging/pack/modules.hpp"

namespace ark::container::package {
namespace {

using test::module_bytes;
using test::module_file;
using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(Elf, ReadsWhatAModuleSays) {
  auto elf = read_elf(module_file("sound"));
  ASSERT_TRUE(elf.ok()) << elf.status().text();
  EXPECT_EQ(elf->type, ET_DYN);
  EXPECT_THAT(elf->needed, Contains("libc.so.6"));
  EXPECT_THAT(elf->soname, IsEmpty());
  EXPECT_THAT(elf->run_paths, IsEmpty());
  EXPECT_THAT(elf->build_id, SizeIs(40));
  EXPECT_GT(elf->init_array.size, 0u);
  EXPECT_GT(elf->fini_array.size, 0u);
  EXPECT_THAT(elf->symbols, Contains(AllOf(Field(&ElfSymbol::name, "ark_module"), Field(&ElfSymbol::defined, true))));
  EXPECT_THAT(elf->symbols, Contains(AllOf(Field(&ElfSymbol::name, "getpid"), Field(&ElfSymbol::defined, false),
                                           Field(&ElfSymbol::relocated, true), Field(&ElfSymbol::weak, false),
                                           Field(&ElfSymbol::version, HasSubstr("GLIBC_2.")))));
  EXPECT_THAT(elf->versions, Contains(AllOf(Field(&ElfVersion::file, "libc.so.6"),
                                            Field(&ElfVersion::version, HasSubstr("GLIBC_2.")))));
}

TEST(Elf, SizeOffsetsPointAtTheSizesInTheFile) {
  auto bytes = module_bytes("sound");
  auto elf = parse_elf(bytes, "sound");
  ASSERT_TRUE(elf.ok());
  for (const auto& array : {elf->init_array, elf->fini_array}) {
    uint64_t size = 0;
    std::memcpy(&size, bytes.data() + array.size_offset, sizeof size);
    EXPECT_EQ(size, array.size);
  }
}

TEST(Elf, ReadsPrograms) {
  auto elf = read_elf("/proc/self/exe");
  ASSERT_TRUE(elf.ok()) << elf.status().text();
  EXPECT_THAT(elf->needed, Contains("libstdc++.so.6"));
}

TEST(Elf, ReadsAllLibrariesOfThisProcess) {
  for (auto* name : {"libc.so.6", "libstdc++.so.6", "libm.so.6", "libgcc_s.so.1"}) {
    void* handle = dlopen(name, RTLD_NOW);
    ASSERT_NE(handle, nullptr);
    Dl_info info{};
    ASSERT_NE(dladdr(dlsym(handle, "_init") ? dlsym(handle, "_init") : dlsym(handle, "memcpy"), &info), 0);
    auto elf = read_elf(std::filesystem::canonical(info.dli_fname));
    EXPECT_TRUE(elf.ok()) << elf.status().text();
    dlclose(handle);
  }
}

TEST(Elf, ASharedObjectWithoutSectionsIsReadToo) {
  auto bytes = module_bytes("sound");
  auto whole = parse_elf(bytes, "sound");
  auto* header = reinterpret_cast<Elf64_Ehdr*>(bytes.data());
  header->e_shoff = header->e_shnum = header->e_shstrndx = 0;
  auto elf = parse_elf(bytes, "sound");
  ASSERT_TRUE(elf.ok()) << elf.status().text();
  EXPECT_EQ(elf->symbols.size(), whole->symbols.size());
  EXPECT_EQ(elf->build_id, whole->build_id);
}

TEST(Elf, TruncationAtAnyStepIsAnError) {
  const auto bytes = module_bytes("sound");
  for (size_t size = 0; size < bytes.size(); size += 64) {
    auto elf = parse_elf(std::string_view(bytes).substr(0, size), "cut.so");
    ASSERT_FALSE(elf.ok()) << "accepted after " << size << " of " << bytes.size() << " bytes";
    ASSERT_EQ(elf.status().code(), Code::kCorrupt);
    ASSERT_THAT(elf.status().text(), HasSubstr("cut.so"));
  }
}

/// The segments, which hold all the tables that a loader follows, and the head of the file.
TEST(Elf, WrongBytesAreReadOrRefusedButNeverFollowed) {
  const auto sound = module_bytes("sound");
  const auto elf = parse_elf(sound, "sound");
  ASSERT_TRUE(elf.ok());
  int refused = 0;
  for (unsigned char value : {0x00, 0x7f, 0x80, 0xff}) {
    for (size_t at = 0; at < std::min<size_t>(sound.size(), 16384); ++at) {
      auto bytes = sound;
      bytes[at] = static_cast<char>(value);
      refused += parse_elf(bytes, "x").ok() ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 100);
}

/// Every entry of the dynamic section, led to the end of the address space and to the end of the file.
TEST(Elf, WildAddressesAndSizesAreRefused) {
  const auto sound = module_bytes("sound");
  auto* header = reinterpret_cast<const Elf64_Ehdr*>(sound.data());
  auto* segments = reinterpret_cast<const Elf64_Phdr*>(sound.data() + header->e_phoff);
  const Elf64_Phdr* dynamic = nullptr;
  for (int i = 0; i < header->e_phnum; ++i) {
    if (segments[i].p_type == PT_DYNAMIC) dynamic = &segments[i];
  }
  ASSERT_NE(dynamic, nullptr);
  for (size_t i = 0; i < dynamic->p_filesz / sizeof(Elf64_Dyn); ++i) {
    const size_t at = dynamic->p_offset + i * sizeof(Elf64_Dyn);
    Elf64_Dyn entry;
    std::memcpy(&entry, sound.data() + at, sizeof entry);
    if (entry.d_tag == DT_NULL) break;
    for (uint64_t value :
         {uint64_t{UINT64_MAX}, UINT64_MAX - 7, uint64_t{1} << 63, uint64_t{sound.size()}, uint64_t{1} << 32}) {
      auto bytes = sound;
      entry.d_un.d_val = value;
      std::memcpy(bytes.data() + at, &entry, sizeof entry);
      const bool ok = parse_elf(bytes, "x").ok();
      switch (entry.d_tag) {
        case DT_STRTAB:
        case DT_STRSZ:
        case DT_SYMTAB:
        case DT_GNU_HASH:
        case DT_INIT_ARRAYSZ:
        case DT_FINI_ARRAYSZ:
        case DT_VERNEED:
        case DT_VERSYM:
        case DT_NEEDED:
        case DT_RELASZ:
          EXPECT_FALSE(ok) << "tag " << entry.d_tag << " value " << value;
          break;
        default:
          break;
      }
    }
  }
}

TEST(Elf, SaysWhatAFileIsThatIsNone) {
  EXPECT_THAT(parse_elf("#!/bin/sh\n", "run.sh").status().text(), AllOf(HasSubstr("run.sh"), HasSubstr("no ELF file")));
  auto bytes = module_bytes("sound");
  bytes[EI_CLASS] = ELFCLASS32;
  auto small = parse_elf(bytes, "old.so");
  EXPECT_EQ(small.status().code(), Code::kIncompatible);
  EXPECT_THAT(small.status().text(), HasSubstr("64-bit"));
  EXPECT_EQ(read_elf("/nonexistent/x.so").status().code(), Code::kNotFound);
}

TEST(Elf, ThePlatformIsWhatEveryProcessHas) {
  EXPECT_TRUE(is_platform_library("libc.so.6"));
  EXPECT_TRUE(is_platform_library("libstdc++.so.6"));
  EXPECT_FALSE(is_platform_library("libz.so.1"));
  EXPECT_FALSE(is_platform_library("libc.so"));
  EXPECT_FALSE(is_platform_library(""));
  EXPECT_EQ(is_platform_library("libasan.so.8"), std::string_view(PACK_SANITIZER) == "address");
  EXPECT_EQ(is_platform_library("libtsan.so.2"), std::string_view(PACK_SANITIZER) == "thread");
}

}  // namespace
}  // namespace ark::container::package

#include "pack/closure.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <link.h>

#include <optional>
#include <set>

#include "pack/library_search.hpp"
#include "packaging/pack/made_library.hpp"
#include "packaging/pack/modules.hpp"
#include "support/temp_dir.hpp"

namespace ark::packaging {
namespace {

namespace fs = std::filesystem;
using container::Code;
using container::Result;
using test::MadeLibrary;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Sets LD_LIBRARY_PATH as long as it lives.
class LibraryPath {
 public:
  explicit LibraryPath(const std::string& value) {
    if (const char* old = std::getenv(kName)) old_ = old;
    ::setenv(kName, value.c_str(), 1);
  }
  ~LibraryPath() { old_ ? ::setenv(kName, old_->c_str(), 1) : ::unsetenv(kName); }

 private:
  static constexpr const char* kName = "LD_LIBRARY_PATH";
  std::optional<std::string> old_;
};

class Closure : public testing::Test {
 protected:
  /// A library NAME.so in `folder` that needs others.
  fs::path make(const std::string& folder, const std::string& name, std::vector<std::string> needed = {}) {
    return write(folder, name, {.needed = std::move(needed)});
  }
  fs::path write(const std::string& folder, const std::string& name, MadeLibrary library) {
    if (library.soname.empty()) library.soname = name;
    return library.write(dir_ / folder / name);
  }
  Result<std::vector<BundledLibrary>> closure(MadeLibrary module, const std::vector<std::string>& search = {}) {
    std::vector<fs::path> folders;
    for (const auto& folder : search) folders.push_back(dir_ / folder);
    return closure_of(*container::package::parse_elf(module.bytes(), "orders.so"), dir_ / "orders.so", folders);
  }
  /// The file names in order, or why there are none.
  std::vector<std::string> names(MadeLibrary module, const std::vector<std::string>& search = {}) {
    return each(closure(std::move(module), search), [](const auto& library) { return library.soname; });
  }
  /// Where they were found.
  std::vector<std::string> folders(MadeLibrary module, const std::vector<std::string>& search = {}) {
    return each(closure(std::move(module), search),
                [this](const auto& library) { return library.file.lexically_relative(dir_.path()).native(); });
  }
  template <class F>
  std::vector<std::string> each(const Result<std::vector<BundledLibrary>>& libraries, F text) {
    if (!libraries.ok()) return {libraries.status().text()};
    std::vector<std::string> texts;
    for (const auto& library : *libraries) texts.push_back(text(library));
    return texts;
  }

  test::TempDir dir_;
};

TEST_F(Closure, EachStandsBehindWhatItNeeds) {
  make("l", "a.so", {"b.so", "c.so"});
  make("l", "b.so", {"d.so"});
  make("l", "c.so", {"d.so", "b.so"});
  make("l", "d.so");
  make("l", "unused.so");
  EXPECT_THAT(names({.needed = {"a.so", "c.so"}}, {"l"}), ElementsAre("d.so", "b.so", "c.so", "a.so"));
}

TEST_F(Closure, ThePlatformsLibrariesAreNoPartOfIt) {
  make("l", "a.so", {"libstdc++.so.6", "libm.so.6", "libc.so.6"});
  write("l", "private_c.so", {.soname = "libc.so.6"});
  EXPECT_THAT(names({.needed = {"a.so", "libc.so.6", "libgcc_s.so.1", "libresolv.so.2", "private_c.so"}}, {"l"}),
              ElementsAre("a.so"));
}

TEST_F(Closure, CirclesEnd) {
  make("l", "a.so", {"b.so"});
  make("l", "b.so", {"c.so", "orders.so"});
  make("l", "c.so", {"a.so", "c.so"});
  EXPECT_THAT(names({.needed = {"a.so"}}, {"l"}), ElementsAre("c.so", "b.so", "a.so"));
}

TEST_F(Closure, LooksWhereTheLoaderLooksInItsOrder) {
  for (auto* folder : {"search", "rpath", "environment", "runpath"}) make(folder, "a.so");
  const std::string here = dir_.path().native();
  LibraryPath path(here + "/nowhere:" + here + "/environment");
  MadeLibrary old{.needed = {"a.so"}, .rpath = here + "/rpath"};
  EXPECT_THAT(folders(old, {"empty", "search"}), ElementsAre("search/a.so"));
  EXPECT_THAT(folders(old), ElementsAre("rpath/a.so"));
  MadeLibrary newer{.needed = {"a.so"}, .runpath = here + "/runpath"};
  EXPECT_THAT(folders(newer), ElementsAre("environment/a.so"));
  fs::remove(dir_ / "environment" / "a.so");
  EXPECT_THAT(folders(newer), ElementsAre("runpath/a.so"));
}

TEST_F(Closure, ARunPathHoldsForItsFileAlone) {
  make("l", "b.so");
  make("l", "a.so", {"b.so"});
  const auto folder = (dir_ / "l").native();
  EXPECT_THAT(names({.needed = {"a.so"}, .rpath = folder}), ElementsAre("b.so", "a.so"));
  EXPECT_THAT(names({.needed = {"a.so"}, .runpath = folder}), ElementsAre(HasSubstr("a.so needs b.so")));
  // A file with a run path of its own heeds no other's.
  write("l", "a.so", {.needed = {"b.so"}, .runpath = "/nowhere"});
  EXPECT_THAT(names({.needed = {"a.so"}, .rpath = folder}), ElementsAre(HasSubstr("a.so needs b.so")));
}

TEST_F(Closure, OriginIsTheFolderOfTheFile) {
  write("l", "a.so", {.needed = {"b.so"}, .runpath = "/nowhere:${ORIGIN}/inner"});
  make("l/inner", "b.so");
  EXPECT_THAT(names({.needed = {"a.so"}, .runpath = "$ORIGIN/l"}), ElementsAre("b.so", "a.so"));
  EXPECT_THAT(names({.needed = {"$ORIGIN/l/a.so"}}), ElementsAre("b.so", "a.so"));
}

TEST_F(Closure, OriginIsWhereALinkLies) {
  write("real", "a.so", {.needed = {"b.so"}, .runpath = "$ORIGIN"});
  make("links", "b.so");
  fs::create_symlink(dir_ / "real" / "a.so", dir_ / "links" / "a.so");
  EXPECT_THAT(folders({.needed = {"a.so"}}, {"links"}), ElementsAre("links/b.so", "links/a.so"));
}

TEST_F(Closure, PassesOverOtherMachinesAndFolders) {
  write("other", "a.so", {.machine = test::kOtherMachine});
  write("small", "a.so", {.elf_class = ELFCLASS32});
  fs::create_directories(dir_ / "folder" / "a.so");
  make("l", "a.so");
  EXPECT_THAT(folders({.needed = {"a.so"}}, {"other", "small", "folder", "l"}), ElementsAre("l/a.so"));
}

TEST_F(Closure, SaysWhoNeedsWhatAndWhereItLooked) {
  make("l", "a.so", {"missing.so.3"});
  auto status = closure({.needed = {"a.so"}}, {"l", "empty", "l"}).status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_THAT(status.text(), AllOf(HasSubstr((dir_ / "l/a.so").native() + " needs missing.so.3"),
                                   HasSubstr((dir_ / "l").native() + ", " + (dir_ / "empty").native()),
                                   HasSubstr("/usr/lib"), HasSubstr("LD_LIBRARY_PATH")));
}

TEST_F(Closure, SaysWhichFileIsBroken) {
  auto file = make("l", "a.so");
  fs::resize_file(file, 200);
  auto status = closure({.needed = {"a.so"}}, {"l"}).status();
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_THAT(status.text(), AllOf(HasSubstr("orders.so needs a.so"), HasSubstr(file.native())));
}

TEST_F(Closure, RefusesAFileOfMoreThanAGibibyte) {
  auto file = make("l", "a.so");
  fs::resize_file(file, (uintmax_t{1} << 30) + 1);  // has no blocks
  auto status = closure({.needed = {"a.so"}}, {"l"}).status();
  EXPECT_EQ(status.code(), Code::kResourceExhausted);
  EXPECT_THAT(status.text(), HasSubstr("orders.so needs a.so"));
}

TEST_F(Closure, ALibraryIsOneByWhateverNameItIsNeeded) {
  write("l", "libz.so.1.2", {.soname = "libz.so.1"});
  fs::create_symlink("libz.so.1.2", dir_ / "l" / "libz.so.1");
  fs::create_symlink("libz.so.1.2", dir_ / "l" / "libz.so");
  const auto path = (dir_ / "l" / "libz.so.1.2").native();
  auto libraries = closure({.needed = {"libz.so", "libz.so.1", path}}, {"l"});
  ASSERT_EQ(libraries->size(), 1u);
  const auto& library = libraries->front();
  EXPECT_EQ(library.soname, "libz.so.1");
  EXPECT_EQ(library.file, dir_ / "l" / "libz.so");
  EXPECT_THAT(library.names, ElementsAre("libz.so.1", "libz.so", path));
  EXPECT_EQ(library.bytes, *container::base::read_file(path));
  EXPECT_EQ(library.elf.soname, "libz.so.1");
}

TEST_F(Closure, ALibraryWithoutASonameIsCalledAsItsFile) {
  MadeLibrary{}.write(dir_ / "l" / "plain-1.so");
  fs::create_symlink("plain-1.so", dir_ / "l" / "plain.so");
  EXPECT_THAT(names({.needed = {"plain.so"}}, {"l"}), ElementsAre("plain-1.so"));
}

TEST_F(Closure, OfTwoFilesOfOneNameTheNearerIsTaken) {
  const std::string here = dir_.path().native();
  write("one", "libz.so.1", {});
  write("two", "libz.so.1", {});
  write("l", "deep.so", {.needed = {"libz.so.1"}, .runpath = here + "/one"});
  write("l", "a.so", {.needed = {"deep.so"}});
  write("l", "b.so", {.needed = {"libz.so.1"}, .runpath = here + "/two"});
  EXPECT_THAT(folders({.needed = {"a.so", "b.so"}, .rpath = here + "/l"}),
              ElementsAre("two/libz.so.1", "l/deep.so", "l/a.so", "l/b.so"));
}

TEST_F(Closure, HundredsOfLibrariesInAChain) {
  constexpr int kCount = 600;
  for (int i = 0; i < kCount; ++i) {
    make("l", std::to_string(i), {std::to_string(i + 1 == kCount ? 0 : i + 1), std::to_string(i / 2)});
  }
  auto found = names({.needed = {"0"}}, {"l"});
  ASSERT_EQ(found.size(), size_t{kCount});
  EXPECT_EQ(found.front(), std::to_string(kCount - 1));
  EXPECT_EQ(found.back(), "0");
}

TEST_F(Closure, AThousandLibrariesAndNoMore) {
  MadeLibrary module;
  for (int i = 0; i < 1000; ++i) {
    module.needed.push_back(std::to_string(i));
    make("l", module.needed.back());
  }
  EXPECT_EQ(names(module, {"l"}).size(), 1000u);
  make("l", "one-more");
  module.needed.emplace_back("one-more");
  auto status = closure(module, {"l"}).status();
  EXPECT_EQ(status.code(), Code::kResourceExhausted);
  EXPECT_THAT(status.text(), AllOf(HasSubstr("one-more"), HasSubstr("1000"), HasSubstr("statically")));
}

TEST_F(Closure, ReadsTheConfigurationOfTheLoader) {
  auto put = [&](const std::string& name, const std::string& text) {
    fs::create_directories((dir_ / name).parent_path());
    std::ofstream(dir_ / name) << text;
  };
  put("ld.so.conf", "# ours\n\ninclude conf.d/*.conf more.conf\n  /opt/last # here\nhwcap 1 nosegneg\n");
  put("conf.d/b.conf", "/opt/b\r\n/opt/with space\n");
  put("conf.d/a.conf", "/opt/a\ninclude ../ld.so.conf\n");  // a circle
  put("conf.d/ignored", "/opt/ignored\n");
  put("more.conf", "include " + (dir_ / "absolute.conf").native() + "\n");
  put("absolute.conf", "/opt/absolute");
  EXPECT_THAT(configured_folders(dir_ / "ld.so.conf"),
              ElementsAre("/opt/a", "/opt/b", "/opt/with space", "/opt/absolute", "/opt/last"));
  EXPECT_THAT(configured_folders(dir_ / "missing.conf"), IsEmpty());
}

std::set<fs::path> libraries_of_this_process() {
  std::set<fs::path> files;
  auto add = [](dl_phdr_info* object, size_t, void* to) {
    if (*object->dlpi_name == '/') static_cast<std::set<fs::path>*>(to)->insert(fs::canonical(object->dlpi_name));
    return 0;
  };
  ::dl_iterate_phdr(add, &files);
  return files;
}

/// libssl-dev, which building needs, brings it.
TEST_F(Closure, FindsTheFilesThatTheLoaderMaps) {
  const std::string name = "libssl.so.3";
  auto before = libraries_of_this_process();
  void* handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << ::dlerror();
  auto mapped = libraries_of_this_process();
  for (const auto& file : before) mapped.erase(file);
  auto libraries = closure({.needed = {name}});
  ASSERT_TRUE(libraries.ok()) << libraries.status().text();
  std::set<fs::path> found;
  for (const auto& library : *libraries) found.insert(fs::canonical(library.file));
  EXPECT_EQ(found, mapped);
  ::dlclose(handle);
}

TEST_F(Closure, FindsTheLibraryOfALinkedModule) {
  const auto module = test::module_file("library");
  auto elf = container::package::read_elf(module);
  ASSERT_TRUE(elf.ok());
  auto libraries = closure_of(*elf, module, {PACK_MODULES});
  ASSERT_TRUE(libraries.ok()) << libraries.status().text();
  ASSERT_EQ(libraries->size(), 1u);
  EXPECT_EQ(libraries->front().soname, "libpack_company.so");
}

}  // namespace
}  // namespace ark::packaging

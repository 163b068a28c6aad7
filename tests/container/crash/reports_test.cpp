#include "crash/reports.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "support/temp_dir.hpp"

namespace ark::container::crash {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kReport =
    "ark-crash: 1\ntime: 2026-11-21T06:53:54Z\nprocess: 4711\nprogram: ark-container 0.1.0\nsignal: SIGSEGV\n"
    "reason: nothing is mapped at address 0x10\nthread: 4720\nthread-name: worker: 1\nlater-key: of a later version\nno key\n"
    "frame: 0 libc.so.6+0x10 strlen+0x2\nmodule: orders\nversion: 1.1.0\ngeneration: 3\nfile: /a b/orders.so\noffset: 0x12ab\nbuild-id: abcd\n"
    "function: _ZN6Orders5placeEi+0x1b\nframe: 1 orders.so+0x12ab _ZN6Orders5placeEi+0x1b of orders 1.1.0\nend: complete\n";

class Reports : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) { std::ofstream(dir_ / name) << text; }
  std::vector<CrashReport> read() { return *read_reports(dir_.path()); }
  test::TempDir dir_;
};

TEST_F(Reports, AreReadAsTheyWereWritten) {
  write("crash-20261121-065354-4711.txt", kReport);
  const auto reports = read();
  ASSERT_THAT(reports, SizeIs(1));
  const auto& r = reports.front();
  EXPECT_EQ(r.time, "2026-11-21T06:53:54Z");
  EXPECT_EQ(r.process, 4711);
  EXPECT_EQ(r.thread, 4720);
  EXPECT_EQ(r.thread_name, "worker: 1");
  EXPECT_EQ(r.module + " " + r.version, "orders 1.1.0");
  EXPECT_EQ(r.generation, 3u);
  EXPECT_EQ(r.code_file, "/a b/orders.so");
  EXPECT_EQ(r.function, "Orders::place(int)+0x1b");
  EXPECT_THAT(r.frames, ElementsAre("libc.so.6+0x10 strlen+0x2", "orders.so+0x12ab Orders::place(int)+0x1b of orders 1.1.0"));
  EXPECT_FALSE(r.reported);
  EXPECT_EQ(r.text(),
            "orders 1.1.0 crashed: SIGSEGV, nothing is mapped at address 0x10, in libc.so.6+0x10 strlen+0x2, called from orders.so+0x12ab "
            "(Orders::place(int)+0x1b), on thread 4720 (worker: 1) of process 4711");
}

TEST_F(Reports, CutOffAtAnyByteAreReadAsFarAsTheyGo) {
  const std::string whole = kReport;
  for (size_t size = 0; size < whole.size() - 1; ++size) {
    write("crash-1.txt", whole.substr(0, size));
    const auto reports = read();
    ASSERT_THAT(reports, SizeIs(1));
    EXPECT_FALSE(reports.front().text().empty());
    EXPECT_NE(reports.front().end, "complete");
  }
}

TEST_F(Reports, ThatAreNoneSaySo) {
  write("crash-1.txt", std::string("\0\xff: \x01\n: :\n\n", 10));
  fs::create_directory(dir_ / "crash-2.txt");
  for (const auto& report : read()) EXPECT_THAT(report.text(), HasSubstr("cannot be read"));
  EXPECT_THAT(read(), SizeIs(2));
}

TEST_F(Reports, OfAFolderThatIsNotThereAreNone) { EXPECT_THAT(*read_reports(dir_ / "none"), IsEmpty()); }

TEST_F(Reports, OfWhatIsNoFolderAreAnError) {
  write("file", "");
  const auto reports = read_reports(dir_ / "file");
  ASSERT_FALSE(reports.ok());
  EXPECT_THAT(reports.status().text(), HasSubstr((dir_ / "file").native()));
}

TEST_F(Reports, AreToldOnceOldestFirst) {
  write("crash-20260102-000000-2.txt", kReport);
  write("crash-20260101-000000-1.txt", kReport);
  write("container.log", kReport);
  std::vector<std::string> told;
  const auto tell = [&](const CrashReport& report) { told.push_back(report.file.filename().string()); };
  tell_new_reports(dir_.path(), tell);
  EXPECT_THAT(told, ElementsAre("crash-20260101-000000-1.txt", "crash-20260102-000000-2.txt"));
  told.clear();
  tell_new_reports(dir_.path(), tell);
  EXPECT_THAT(told, IsEmpty());
  for (const auto& report : read()) EXPECT_TRUE(report.reported && report.end == "complete");
}

}  // namespace
}  // namespace ark::container::crash

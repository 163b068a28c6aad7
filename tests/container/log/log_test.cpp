#include "log/log.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "support/temp_dir.hpp"

namespace ark::container::log {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class LogFile : public ::testing::Test {
 protected:
  std::unique_ptr<Log> open(uint64_t file_size = 16 << 20, int file_count = 5) {
    auto log = Log::open({file_, file_size, file_count, false});
    EXPECT_TRUE(log.ok()) << log.status().text();
    return log.ok() ? std::move(*log) : nullptr;
  }

  test::TempDir dir_;
  const std::filesystem::path file_ = dir_ / "container.log";
};

TEST_F(LogFile, EachMessageIsALineWithTimeLevelAndSource) {
  auto log = open();
  log->write(2, "container", "started");
  log->write(4, "orders 1.0.0", "out of {} %s");
  log->flush();
  const auto lines = lines_of(file_);
  ASSERT_EQ(lines.size(), 2u);
  const std::string time = "[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9]+[+-][0-9]+:[0-9]+";
  EXPECT_THAT(lines[0], MatchesRegex(time + " info +container: started"));
  EXPECT_THAT(lines[1], MatchesRegex(time + " error orders 1\\.0\\.0: out of \\{\\} %s")) << "a message is no format";
  EXPECT_EQ(log->dropped(), 0u);
}

TEST_F(LogFile, AllLevelsAreWrittenAndUnknownOnesAreTakenForTheNearest) {
  auto log = open();
  for (int level = -1; level <= 5; ++level) log->write(level, "container", "m");
  log->flush();
  const auto lines = lines_of(file_);
  ASSERT_EQ(lines.size(), 7u);
  const char* names[] = {" trace ", " trace ", " debug ", " info ", " warn", " error ", " error "};
  for (size_t i = 0; i < 7; ++i) EXPECT_THAT(lines[i], HasSubstr(names[i]));
}

TEST_F(LogFile, WhatIsImportantIsInTheFileAtOnce) {
  auto log = open();
  log->write(2, "container", "now");
  EXPECT_THAT(text_of(file_), HasSubstr("container: now\n"));
}

TEST_F(LogFile, IsContinuedAndNotOverwritten) {
  open()->write(2, "container", "first run");
  open()->write(2, "container", "second run");
  EXPECT_EQ(lines_of(file_).size(), 2u);
}

TEST_F(LogFile, ANewFileIsBegunAtTheSizeAndOnlySoManyAreKept) {
  auto log = open(4096, 3);
  const std::string text(1000, 'x');
  for (int i = 0; i < 40; ++i) log->write(2, "container", std::to_string(i) + text);
  log->flush();
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
    ++files;
    EXPECT_LE(entry.file_size(), 4096u) << entry.path();
  }
  EXPECT_EQ(files, 3u) << "the one that is written to and two older ones";
  EXPECT_THAT(text_of(file_), HasSubstr("container: 39x")) << "the newest is in the file without a number";
  EXPECT_TRUE(std::filesystem::exists(dir_ / "container.1.log"));
  EXPECT_EQ(log->dropped(), 0u);
}

TEST_F(LogFile, OneFileIsEnough) {
  auto log = open(4096, 1);
  for (int i = 0; i < 10; ++i) log->write(2, "container", std::to_string(i) + std::string(1000, 'x'));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_.path()), {}), 1);
  EXPECT_THAT(text_of(file_), HasSubstr("container: 9x"));
  EXPECT_LE(std::filesystem::file_size(file_), 4096u);
}

TEST_F(LogFile, OnAFullDiskMessagesAreCountedAndNothingIsThrown) {
  std::filesystem::create_symlink("/dev/full", file_);  // a link: should it ever be renamed, the device stays
  auto log = open();
  for (int i = 0; i < 10; ++i) EXPECT_NO_THROW(log->write(2, "container", "nobody reads this"));
  EXPECT_EQ(log->dropped(), 10u);
  EXPECT_NO_THROW(log->write(2, "container", std::string(100'000, 'x'))) << "more than any buffer holds";
  EXPECT_NO_THROW(log->flush());
  EXPECT_GT(log->dropped(), 10u);
}

TEST_F(LogFile, ManyThreadsWriteWholeLines) {
  auto log = open();
  constexpr int kThreads = 4, kMessages = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 0; i < kMessages; ++i) log->write(1, "thread " + std::to_string(t), "message " + std::to_string(i));
    });
  }
  for (auto& thread : threads) thread.join();
  log->flush();
  const auto lines = lines_of(file_);
  ASSERT_EQ(lines.size(), static_cast<size_t>(kThreads * kMessages));
  for (const auto& line : lines) EXPECT_THAT(line, MatchesRegex(".* debug thread [0-9]: message [0-9]+"));
}

TEST(Log, AFileThatCannotBeOpenedIsNamed) {
  test::TempDir dir;
  std::ofstream(dir / "logs") << "a file where a folder should be";
  auto log = Log::open({dir / "logs/container.log", 4096, 1, false});
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.status().code(), Code::kFailedPrecondition);
  EXPECT_THAT(log.status().text(), HasSubstr("logs/container.log"));
}

}  // namespace
}  // namespace ark::container::log

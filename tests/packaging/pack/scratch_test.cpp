#include "pack/scratch.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>

namespace ark::packaging {
namespace {

using container::Code;
using container::Result;
using container::Status;
using testing::AllOf;
using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(Scratch, HandsBackWhatWasAnswered) {
  const std::string large(1 << 20, 'x');  // more than a pipe holds
  auto answer = in_scratch_process("answering", 60s, [&]() -> Result<std::string> { return large; });
  ASSERT_TRUE(answer.ok()) << answer.status().text();
  EXPECT_EQ(*answer, large);
}

TEST(Scratch, AnEmptyAnswerIsOne) {
  auto answer = in_scratch_process("answering", 60s, []() -> Result<std::string> { return std::string(); });
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(*answer, "");
}

TEST(Scratch, HandsBackFailures) {
  auto answer = in_scratch_process("failing", 60s,
                                   []() -> Result<std::string> { return Status(Code::kIncompatible, "because"); });
  EXPECT_EQ(answer.status().code(), Code::kIncompatible);
  EXPECT_EQ(answer.status().text(), "because");
}

TEST(Scratch, WhatTheProcessDoesIsLostWithIt) {
  int value = 1;
  auto answer = in_scratch_process("changing", 60s, [&]() -> Result<std::string> { return std::to_string(++value); });
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(*answer, "2");
  EXPECT_EQ(value, 1);
}

TEST(Scratch, ADeathIsAnErrorThatNamesTheSignal) {
  auto answer = in_scratch_process("dying", 60s, []() -> Result<std::string> {
    ::signal(SIGTERM, SIG_DFL);
    ::raise(SIGTERM);
    return std::string("survived");
  });
  EXPECT_EQ(answer.status().code(), Code::kModuleFailed);
  EXPECT_THAT(answer.status().text(), AllOf(HasSubstr("dying"), HasSubstr("signal 15")));
}

TEST(Scratch, AnEndWithoutAnAnswerIsAnError) {
  auto answer = in_scratch_process("leaving", 60s, []() -> Result<std::string> { ::_exit(0); });
  EXPECT_EQ(answer.status().code(), Code::kModuleFailed);
  EXPECT_THAT(answer.status().text(), HasSubstr("before it had answered"));
}

TEST(Scratch, AHangEndsWithItsTime) {
  auto answer = in_scratch_process("hanging", 50ms, []() -> Result<std::string> {
    for (;;) ::pause();
  });
  EXPECT_EQ(answer.status().code(), Code::kModuleFailed);
  EXPECT_THAT(answer.status().text(), AllOf(HasSubstr("hanging"), HasSubstr("50 ms")));
}

}  // namespace
}  // namespace ark::packaging

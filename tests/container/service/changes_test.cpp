#include "service/changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <string>

#include "service/publication.hpp"

namespace ark::container::service {
namespace {

std::shared_ptr<const Info> service(const char* id) {
  auto info = std::make_shared<Info>();
  info->id = id;
  return info;
}

TEST(Changes, WhatCannotBeToldForWantOfMemoryKeepsNothingElseBack) {
  std::vector<std::string> told;
  bool memory = false;
  Changes changes([&](const Info& info, bool published) {
    if (!memory) throw std::bad_alloc();
    told.push_back(info.id + (published ? " comes" : " goes"));
  });
  changes.note(service("lost"), true);
  changes.tell();
  memory = true;
  changes.note(service("greeter"), true);
  changes.note(service("greeter"), false);
  changes.tell();
  EXPECT_THAT(told, testing::ElementsAre("greeter comes", "greeter goes"));
}

}  // namespace
}  // namespace ark::container::service

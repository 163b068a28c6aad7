// What a provider throws into its caller.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <thread>

#include "serving_container.hpp"

namespace {

using ark::test::fixture;
using ark::test::ServingContainer;
using testing::HasSubstr;

class ThrowingProvider : public testing::Test {
 protected:
  ThrowingProvider() {
    const auto installed = container_.install(fixture("thrower"));
    EXPECT_TRUE(installed.status.ok()) << installed.status.text();
  }
  ark::ServiceError error_of(const std::string& what) {
    try {
      thrower_->fail(what);
    } catch (const ark::ServiceError& e) {
      return e;
    }
    ADD_FAILURE() << what << " threw no ServiceError";
    return {ARK_CALL_OK, "", ""};
  }
  void TearDown() override {
    EXPECT_EQ(std::uncaught_exceptions(), 0);
    EXPECT_TRUE(container_->uninstall("thrower", false).status.ok());
    EXPECT_EQ(container_.mappings("thrower"), 0u);
    container_.expect_still_serves();
  }
  ServingContainer container_;
  ark::Reference<fixture::Thrower> thrower_ = container_.context().reference<fixture::Thrower>();
};

TEST_F(ThrowingProvider, AListedErrorArrivesAsTheCallersOwnType) {
  try {
    thrower_->fail("listed");
    FAIL() << "nothing was thrown";
  } catch (const fixture::Refused& e) {
    EXPECT_EQ(e.why, "on purpose");
    EXPECT_EQ(e.number, 7);
  }
}

TEST_F(ThrowingProvider, AnythingElseArrivesAsAServiceErrorWithTypeAndText) {
  EXPECT_EQ(error_of("standard").type(), "std::out_of_range");
  EXPECT_EQ(error_of("standard").text(), "too far");
  EXPECT_THAT(error_of("private").type(), HasSubstr("Secret"));
  EXPECT_EQ(error_of("private").text(), "of this module");
  EXPECT_EQ(error_of("int").type(), "int");
  EXPECT_EQ(error_of("text").kind(), ARK_CALL_FAILED);
}

TEST_F(ThrowingProvider, MayEndOrCancelTheCallersThreadAndStillBeUnloaded) {
  for (const char* way : {"pthread_exit", "cancellation"}) {
    bool returned = false;
    std::thread caller([&] {
      try {
        thrower_->fail(way);
      } catch (const std::exception&) {
      }
      returned = true;
    });
    caller.join();
    EXPECT_FALSE(returned) << way;
  }
}

}  // namespace

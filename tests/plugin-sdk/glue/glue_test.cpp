// What a module starts or registers goes to the container that loaded it: each wrapped function of the C library.
#include <ark/abi/module.h>

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "glue/module.hpp"

namespace {

using glue::Act;
using testing::ElementsAre;

/// Stands for the container: writes down what it is asked for, with the generation that asks.
struct Hooks {
  static inline std::vector<std::string> asked;
  static void ask(ark_generation_t* generation, const std::string& words) {
    asked.push_back(std::to_string(reinterpret_cast<intptr_t>(generation)) + " " + words);
  }
  /// Of this process, once the container has been asked.
  static int exit_code(int status, int immediately) { return 100 + 10 * immediately + status; }

  static const ark_hooks_t& table() {
    static const ark_hooks_t kTable{
        sizeof(ark_hooks_t),
        0,
        [](ark_generation_t* g, pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
           void* argument) {
          ask(g, "thread_create");
          return pthread_create(thread, attributes, start, argument);
        },
        [](ark_generation_t* g, void* state) {
          ask(g, "thread_state");
          return state;
        },
        [](ark_generation_t* g, pthread_key_t* key, void (*destroy)(void*)) {
          ask(g, destroy ? "key_create with destroy" : "key_create");
          *key = 1;
          return EAGAIN;
        },
        [](ark_generation_t* g, pthread_key_t key) {
          ask(g, "key_delete " + std::to_string(key));
          return EINVAL;
        },
        [](ark_generation_t* g, void (*)(void*), void*) {
          ask(g, "thread_atexit");
          return 0;
        },
        [](ark_generation_t* g, int number, const struct sigaction* action, struct sigaction* old) {
          ask(g, "sigaction " + std::to_string(number) + ((action->sa_flags & SA_RESTART) ? " restarting" : ""));
          if (old) old->sa_handler = SIG_IGN;
          return 0;
        },
        [](ark_generation_t* g, void (*)(int, void*), void*) {
          ask(g, "on_exit");
          return ENOSYS;
        },
        [](ark_generation_t*, int status, int immediately) { _exit(exit_code(status, immediately)); }};
    return kTable;
  }
};

class Glue : public testing::Test {
 protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");  // sanitizers have a thread of their own
    Hooks::asked.clear();
    library_ = dlopen(ARK_GLUE_MODULE, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
    const auto* module = static_cast<const ark_module_t*>(dlsym(library_, ARK_MODULE_SYMBOL));
    ASSERT_NE(module, nullptr);
    self_ = module->self;
    ASSERT_NE(self_, nullptr);
    EXPECT_EQ(self_->hooks, nullptr) << "the container fills it";
    act_ = reinterpret_cast<int (*)(int)>(dlsym(library_, "glue_act"));
    ASSERT_NE(act_, nullptr);
    *self_ = {nullptr, &Hooks::table(), reinterpret_cast<ark_generation_t*>(42)};
  }
  void TearDown() override {
    *self_ = {};
    dlclose(library_);
  }
  int act(Act what) { return act_(static_cast<int>(what)); }

  void* library_ = nullptr;
  ark_self_t* self_ = nullptr;
  int (*act_)(int) = nullptr;
};

TEST_F(Glue, LeadsEachThreadToTheContainer) {
  EXPECT_EQ(act(Act::kPthread), 0);
  EXPECT_EQ(act(Act::kStdThread), 0);
  EXPECT_THAT(Hooks::asked, ElementsAre("42 thread_create", "42 thread_state"));
}

TEST_F(Glue, PassesResultsOfTheContainerBack) {
  EXPECT_EQ(act(Act::kKeyCreate), EAGAIN);
  EXPECT_EQ(act(Act::kKeyDelete), EINVAL);
  EXPECT_EQ(act(Act::kOnExit), ENOSYS);
  EXPECT_THAT(Hooks::asked, ElementsAre("42 key_create with destroy", "42 key_delete 12345", "42 on_exit"));
}

TEST_F(Glue, LeadsDestructorsOfThreadLocalsToTheContainer) {
  EXPECT_EQ(act(Act::kThreadLocal), 1);
  EXPECT_THAT(Hooks::asked, ElementsAre("42 thread_atexit"));
}

TEST_F(Glue, MakesSignalOutOfSigactionAsTheCLibraryDoes) {
  EXPECT_EQ(act(Act::kSigaction), 0);
  EXPECT_EQ(act(Act::kSignal), 0) << "not the handler that was there before";
  const auto number = std::to_string(SIGUSR2);
  EXPECT_THAT(Hooks::asked, ElementsAre("42 sigaction " + number, "42 sigaction " + number + " restarting"));
}

TEST_F(Glue, AbortsWithASentenceOutsideAContainer) {
  *self_ = {};
  EXPECT_DEATH(act(Act::kKeyCreate), "a module's code runs outside a container");
}

struct Way {
  Act act;
  int status, immediately;
};
class GlueExit : public Glue, public testing::WithParamInterface<Way> {};

TEST_P(GlueExit, LeavesTheDecisionToTheContainer) {
  const auto& way = GetParam();
  EXPECT_EXIT(act(way.act), testing::ExitedWithCode(Hooks::exit_code(way.status, way.immediately)), "");
}

INSTANTIATE_TEST_SUITE_P(Ways, GlueExit,
                         testing::Values(Way{Act::kExit, 3, 0}, Way{Act::kUnderscoreExit, 4, 1},
                                         Way{Act::kUnderscoreCapitalExit, 5, 1}, Way{Act::kQuickExit, 6, 1}));

}  // namespace

/// Contracts and values of these tests: one of everything that a contract may pass.
#pragma once

#include <ark/sdk.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace acme {

enum class Size : uint8_t { kSmall = 1, kLarge = 7 };

struct Line {
  std::string item;
  int32_t count = 0;
  friend bool operator==(const Line& a, const Line& b) { return a.item == b.item && a.count == b.count; }
};

struct Point {
  int32_t x = 0, y = 0;
};

/// May refer to itself.
struct Node;
struct Branch {
  std::vector<Node> nodes;
};
struct Node {
  std::string name;
  ark::Shared<Node> next;
  std::vector<ark::Shared<Node>> more;
  std::optional<ark::Shared<Node>> perhaps;
  std::variant<int32_t, ark::Shared<Node>> either;
  std::map<std::string, ark::Shared<Node>> named;
  std::pair<int32_t, ark::Shared<Node>> numbered;
  std::array<ark::Shared<Node>, 2> both;
  Branch branch;
};

struct OutOfStock : std::exception {
  OutOfStock() = default;
  explicit OutOfStock(std::string i) : item(std::move(i)) {}
  const char* what() const noexcept override { return "out of stock"; }
  std::string item;
};

/// Says all by its type.
struct Closed : std::exception {};

struct Progress {
  virtual ~Progress() = default;
  virtual void at(int32_t percent) = 0;
  virtual int32_t total() noexcept = 0;
};

struct Greeter {
  using errors = ark::Errors<OutOfStock, Closed>;
  virtual ~Greeter() = default;
  virtual std::string greet(const std::string& name) = 0;
  virtual int32_t add(int32_t a, int32_t b) const = 0;
  virtual void forget(std::string_view name) = 0;
  virtual int32_t count() const noexcept = 0;
  virtual std::string last() noexcept = 0;
  virtual void reset() noexcept = 0;
  virtual std::vector<Line> lines(std::vector<Line> lines, Size size) = 0;
  virtual Node graph(Node node) = 0;
  virtual int32_t follow(ark::Callback<Progress> progress) = 0;
};

}  // namespace acme

ARK_ERROR(acme::OutOfStock, "com.acme.OutOfStock", item)
ARK_ERROR(acme::Closed, "com.acme.Closed")
ARK_STRUCT(acme::Line, "com.acme.Line", item, count)
ARK_STRUCT(acme::Point, "com.acme.Point", x, y)
ARK_STRUCT(acme::Branch, "com.acme.Branch", nodes)
ARK_STRUCT(acme::Node, "com.acme.Node", name, next, more, perhaps, either, named, numbered, both, branch)
ARK_CONTRACT(acme::Progress, "com.acme.Progress", "1.0", at, total)
ARK_CONTRACT(acme::Greeter, "com.acme.Greeter", "1.2", greet, add, forget, count, last, reset, lines, graph, follow)

namespace acme {

/// Does what the test says.
class Polite : public Greeter {
 public:
  std::string greet(const std::string& name) override {
    if (fail) fail();
    last_ = name;
    ++count_;
    return "hello " + name;
  }
  int32_t add(int32_t a, int32_t b) const override { return a + b; }
  void forget(std::string_view name) override {
    if (last_ == name) last_.clear();
  }
  int32_t count() const noexcept override { return count_; }
  std::string last() noexcept override { return last_; }
  void reset() noexcept override { count_ = 0; }
  std::vector<Line> lines(std::vector<Line> lines, Size size) override {
    for (auto& line : lines) line.count *= static_cast<int32_t>(size);
    return lines;
  }
  Node graph(Node node) override { return node; }
  int32_t follow(ark::Callback<Progress> progress) override {
    progress->at(50);
    return progress->total();
  }

  std::function<void()> fail;

 private:
  std::string last_;
  int32_t count_ = 0;
};

}  // namespace acme

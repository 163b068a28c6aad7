// A program of one's own that hosts the container: embedding HOME ORDERS.ark
#include <acme/greeter.hpp>
#include <acme/orders.hpp>
#include <ark/container/host.hpp>

#include <atomic>
#include <cstdio>

namespace {

using ark::container::Container;
using ark::container::HostModule;

/// What orders needs, from the program itself.
class Clerk final : public acme::Greeter {
 public:
  std::string greet(const std::string& name) override {
    ++count_;
    return "Welcome to the shop, " + name + "!";
  }
  int64_t count() const override { return count_; }

 private:
  std::atomic<int64_t> count_{0};
};

int fail(const std::string& why) {
  std::fprintf(stderr, "embedding: %s\n", why.c_str());
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return fail("usage: embedding HOME ORDERS.ark");
  ark::container::Options options;
  options.home = arguments[1];
  options.modules = {arguments[2]};
  options.master = "shop";
  options.log = [](int, std::string_view source, std::string_view text) {
    std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(source.size()), source.data(),
                 static_cast<int>(text.size()), text.data());
  };
  auto container = Container::create(options);
  if (!container.ok()) return fail(container.status().text());
  auto shop = HostModule::create(**container, "shop", "1.0.0", {&ark::contract_of<acme::Greeter>()});
  if (!shop.ok()) return fail(shop.status().text());

  Clerk clerk;
  auto& context = (*shop)->context();
  const auto greeter = context.publish<acme::Greeter>(clerk);
  if (auto started = (*container)->start(); !started.status.ok()) return fail(started.status.text());

  {
    const auto orders = context.reference<acme::OrderService>();
    const acme::Order order{"Ada", {{"tea", 2}}};
    const auto receipt = orders->place(order);
    std::printf("order %lld: %s\n", static_cast<long long>(receipt.number), receipt.message.c_str());
  }
  const auto stopped = (*container)->stop();
  return stopped.status.ok() ? 0 : fail(stopped.status.text());
}

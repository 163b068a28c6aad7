// A request to the API: "METHOD TARGET", and after the first line the body.
#include <nlohmann/json.hpp>

#include "container/ops/mock_container.hpp"
#include "fuzz.hpp"
#include "ops/api.hpp"

namespace {

using namespace ark::container;
using testing::_;
using testing::NiceMock;
using testing::Return;

/// Says yes to everything.
class Agreeable : public NiceMock<ark::test::MockContainer> {
 public:
  Agreeable() {
    ON_CALL(*this, why(_)).WillByDefault(Return(WhyInfo{ark::test::sample_module(), {}, {}, {}}));
    ON_CALL(*this, modules()).WillByDefault(Return(std::vector{ark::test::sample_module()}));
    ON_CALL(*this, services()).WillByDefault(Return(std::vector{ark::test::sample_service()}));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Agreeable container;
  const auto text = ark::fuzz::text_of(data, size);
  const auto line = text.substr(0, text.find('\n'));
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return 0;
  const auto body = line.size() == text.size() ? std::string_view() : text.substr(line.size() + 1);
  const ops::ApiRequest request{std::string(line.substr(0, space)), std::string(line.substr(space + 1)),
                                std::string(body)};
  (void)ops::answers_at_once(request);
  const auto response = ops::handle(container, request);
  ark::fuzz::expect(response.status >= 200 && response.status < 600, "a response has a status", response.body);
  ark::fuzz::expect(nlohmann::json::accept(response.body), "a response is JSON", response.body);
  return 0;
}

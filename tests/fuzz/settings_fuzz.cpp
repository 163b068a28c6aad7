// conf/container.json.
#include "config/settings.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ark::container;
  const ark::fuzz::InputFile file(ark::fuzz::text_of(data, size));
  config::Settings settings;
  const auto read = settings.read(file.path());
  ark::fuzz::expect(read.ok() || read.text().starts_with(file.path().native()), "a refusal names the file",
                    read.text());
  for (const auto& key : config::known_keys()) {  // every value can be had as what it is
    switch (key.type) {
      case config::Type::kDuration:
        (void)settings.duration(key.name);
        break;
      case config::Type::kSize:
        (void)settings.size(key.name);
        break;
      case config::Type::kInteger:
        (void)settings.integer(key.name);
        break;
      case config::Type::kBoolean:
        (void)settings.boolean(key.name);
        break;
      case config::Type::kLevel:
        (void)settings.level(key.name);
        break;
      case config::Type::kText:
        (void)settings.text(key.name);
        break;
    }
  }
  return 0;
}

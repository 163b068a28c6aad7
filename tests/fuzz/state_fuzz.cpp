// data/.container/state.json.
#include <fstream>

#include "fuzz.hpp"
#include "lifecycle/state_file.hpp"
#include "support/temp_dir.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ark::container::lifecycle::StateFile;
  using ark::fuzz::expect;
  static const ark::test::TempDir folder;
  std::ofstream(folder / "state.json", std::ios::binary | std::ios::trunc) << ark::fuzz::text_of(data, size);
  auto state = StateFile::open(folder.path());
  if (!state.ok()) {
    expect(state.status().text().starts_with((folder / "state.json").native()), "a refusal names the file",
           state.status().text());
    return 0;
  }
  std::set<std::string> files{state->pending() ? state->pending()->package : ""};
  state->settle(size % 2 == 0);
  files.insert(state->left_over().begin(), state->left_over().end());
  for (const auto& file : files) {
    expect(file.find('/') == std::string::npos, "only files in modules/ are touched", file);
  }
  const auto saved = state->save(state->now());
  expect(saved.ok(), "what was read can be written", saved.text());
  const auto again = StateFile::open(folder.path());
  expect(again.ok(), "what was written can be read", again.status().text());
  expect(again->now() == state->now() && !again->pending() && again->left_over() == state->left_over(), "what is read is what was written");
  return 0;
}

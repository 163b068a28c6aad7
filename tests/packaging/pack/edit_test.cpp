#include "pack/edit.hpp"

#include <gmock/gmock.h>

#include "packaging/pack/modules.hpp"

namespace ark::packaging {
namespace {

using container::Code;
using container::package::parse_elf;
using testing::AllOf;
using testing::HasSubstr;

struct Edited {
  std::string original = test::module_bytes("sound"), written = original;
  container::package::ElfInfo elf = *parse_elf(original, "sound");
  std::vector<Edit> edits = plan_edits(elf);
  Edited() { apply_edits(written, edits); }
};

TEST(Edit, EmptiesBothTablesAndNothingElse) {
  Edited file;
  ASSERT_EQ(file.edits.size(), 2u);
  EXPECT_TRUE(check_edits(file.original, file.written, file.edits).ok());
  auto elf = parse_elf(file.written, "written");
  ASSERT_TRUE(elf.ok());
  EXPECT_EQ(elf->init_array.size, 0u);
  EXPECT_EQ(elf->fini_array.size, 0u);
  EXPECT_EQ(elf->init_array.address, file.elf.init_array.address);
  EXPECT_EQ(elf->symbols.size(), file.elf.symbols.size());
}

TEST(Edit, NothingIsLeftToDoOnceItIsDone) {
  Edited file;
  EXPECT_TRUE(plan_edits(*parse_elf(file.written, "written")).empty());
}

TEST(Edit, AnEditThatWasNotWrittenIsFound) {
  for (size_t missing = 0; missing < 2; ++missing) {
    Edited file;
    auto undone = file.edits[missing];
    undone.to = undone.from;
    apply_edits(file.written, {undone});
    auto status = check_edits(file.original, file.written, file.edits);
    EXPECT_EQ(status.code(), Code::kCorrupt);
    EXPECT_THAT(status.text(), AllOf(HasSubstr(undone.what), HasSubstr("is " + std::to_string(undone.from))));
  }
}

TEST(Edit, AByteThatChangedByItselfIsFound) {
  Edited file;
  file.written[file.written.size() / 2] ^= 1;
  auto status = check_edits(file.original, file.written, file.edits);
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_THAT(status.text(), HasSubstr("byte " + std::to_string(file.written.size() / 2)));
}

TEST(Edit, AFileOfAnotherLengthIsFound) {
  Edited file;
  EXPECT_EQ(check_edits(file.original, file.written + "x", file.edits).code(), Code::kCorrupt);
  EXPECT_EQ(check_edits(file.original, file.written.substr(0, file.written.size() - 1), file.edits).code(),
            Code::kCorrupt);
  EXPECT_EQ(check_edits(file.original, "", file.edits).code(), Code::kCorrupt);
}

}  // namespace
}  // namespace ark::packaging

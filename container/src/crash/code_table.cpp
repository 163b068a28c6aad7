#include "crash/code_table.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace ark::container::crash {
namespace {

using Row = std::atomic<const Code*>;

/// Rows never move and chunks are never freed, so that a reader needs no lock.
struct Chunk {
  std::array<Row, 256> rows{};
  std::atomic<Chunk*> next{nullptr};
};

constinit Chunk first;
constinit std::atomic<int> readers{0};

/// What only those need who change the table.
struct Writers {
  std::mutex mutex;
  std::vector<Row*> free;                            // guarded by mutex, as all below
  std::vector<std::unique_ptr<const Code>> retired;  // out of the table, but a reader may still look at them
  Chunk* last = &first;
  Writers() { offer(first); }

  void offer(Chunk& chunk) {
    for (auto row = chunk.rows.rbegin(); row != chunk.rows.rend(); ++row) free.push_back(&*row);
  }
  Row* take() {
    if (free.empty()) {
      auto* chunk = new Chunk;
      offer(*chunk);
      last->next.store(chunk);
      last = chunk;
    }
    auto* row = free.back();
    free.pop_back();
    return row;
  }
};

Writers& writers() {
  static Writers* all = new Writers;  // never destroyed: modules may be unmapped after main
  return *all;
}

}  // namespace

MappedCode::MappedCode(Code code) {
  auto row = std::make_unique<const Code>(std::move(code));
  auto& w = writers();
  std::lock_guard lock(w.mutex);
  row_ = w.take();
  row_->store(row.release());
}

MappedCode& MappedCode::operator=(MappedCode&& other) noexcept {
  if (this != &other) {
    reset();
    row_ = other.release();
  }
  return *this;
}

MappedCode::Row* MappedCode::release() { return std::exchange(row_, nullptr); }

/// A reader announces itself and then looks at the rows; here the row is emptied first and then it is asked for readers. All of it is sequentially
/// consistent, so one of the two sees the other.
void MappedCode::reset() {
  auto* row = release();
  if (!row) return;
  auto& w = writers();
  std::lock_guard lock(w.mutex);
  w.retired.emplace_back(row->exchange(nullptr));
  w.free.push_back(row);
  if (readers == 0) w.retired.clear();
}

CodeReader::CodeReader() { ++readers; }
CodeReader::~CodeReader() { --readers; }

const Code* CodeReader::find(uintptr_t address) const {
  for (const Chunk* chunk = &first; chunk; chunk = chunk->next.load()) {
    for (const auto& row : chunk->rows) {
      const Code* code = row.load();
      if (code && code->begin <= address && address < code->end) return code;
    }
  }
  return nullptr;
}

}  // namespace ark::container::crash

// A library in C with state of its own, and mutexes.
#include <ark/sdk.hpp>
#include <sqlite3.h>

#include <stdexcept>
#include <string>

namespace {

class Sqlite {
 public:
  explicit Sqlite(ark::Context& ctx) {
    if (sqlite3_open(":memory:", &database_) != SQLITE_OK) throw std::runtime_error("sqlite3_open failed");
    run("create table t (n integer); insert into t values (20), (22)");
    std::string sum;
    sqlite3_exec(database_, "select sum(n) from t", [](void* to, int, char** values, char**) { return *static_cast<std::string*>(to) = values[0], 0; }, &sum,
                 nullptr);
    if (sum != "42") throw std::runtime_error("the sum is '" + sum + "'");
    ctx.log().info(std::string("used SQLite ") + sqlite3_libversion());
  }
  ~Sqlite() {
    sqlite3_close(database_);
    sqlite3_shutdown();
  }

 private:
  void run(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database_));
  }
  sqlite3* database_ = nullptr;
};

}  // namespace

ARK_BIZ(Sqlite)

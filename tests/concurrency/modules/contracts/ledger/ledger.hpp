/// The service that is called, replaced and carried in the tests. The JSON carrier never includes this file.
#pragma once

#include "ledger/values.hpp"

namespace ledger {

class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_entry(const Line& line, int64_t number) = 0;
};

/// How Ledger::fail ends.
enum class Failure : int32_t { kListed, kPrivate, kInteger, kUnavailable, kEndOfThread };

class Ledger {
 public:
  using errors = ark::Errors<OutOfStock>;
  virtual ~Ledger() = default;
  virtual int64_t next(int64_t n) const = 0;             ///< n + 1
  virtual int32_t audits() const noexcept = 0;           ///< 2
  virtual Everything echo(const Everything& value) = 0;  ///< the same; the graph's first node gets a "!"
  virtual Everything append(Everything by_value, std::string_view text,
                            bool yes) = 0;  ///< text appended, numbers.yes set
  virtual int64_t length(std::string_view text) = 0;
  virtual void nothing() = 0;
  virtual void fail(Failure how) = 0;
  virtual void listen(ark::Callback<Listener> listener) = 0;  ///< an empty one: nobody
  virtual int64_t notify(int64_t times) = 0;                  ///< how often the listener could be called
  virtual uint64_t generation() const = 0;                    ///< differs between starts of the provider
};

}  // namespace ledger

ARK_CONTRACT(ledger::Listener, "com.acme.ledger.Listener", "1.0", on_entry)
ARK_CONTRACT(ledger::Ledger, "com.acme.ledger.Ledger", "1.0", next, audits, echo, append, length, nothing, fail, listen,
             notify, generation)

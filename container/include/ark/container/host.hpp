/// The host program as a module of its own container: docs/embedding.md.
#pragma once

#include <ark/container/container.hpp>
#include <ark/sdk/context.hpp>

#include <memory>
#include <string>
#include <vector>

namespace ark::container {

/// A biz that is no package: the program that embeds the container publishes services, refers to those of modules and
/// listens to events as they do. It is listed as ACTIVATED, and is the master biz if Options::master names it; nothing
/// can be installed under its name, and no operation stops it.
///
/// Thread safety: as a module's context, any thread; created and destroyed by one, while the container exists. What it
/// publishes is live at once. Its calls must be over, and what it got from the context gone, when it is destroyed.
class HostModule {
 public:
  /// name:     [a-z0-9][a-z0-9._-]{0,63}.  version:  "1.0.0".
  /// exports:  contracts that modules may import: {&ark::contract_of<acme::Prices>()}. Modules that must have one of
  ///           them do not start without it, so say it here, before the container's start, and publish it before that
  ///           too. It may publish others, and refer to any.
  /// container: of Container::create.
  /// Errors:   INVALID_ARGUMENT for a name or version that is none; ALREADY_EXISTS if a module has the name.
  static Result<std::unique_ptr<HostModule>> create(Container& container, const std::string& name,
                                                    const std::string& version,
                                                    const std::vector<const ark_contract_t*>& exports = {});
  virtual ~HostModule() = default;

  virtual Context& context() = 0;  ///< lives as long as this
};

}  // namespace ark::container

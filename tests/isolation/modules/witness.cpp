// A module that shows which copy of its private library it sees. Published under the module's name.
#include "isolated/isolated.hpp"
#include "versioned/facts.hpp"

namespace {

class Impl final : public isolated::Witness {
 public:
  isolated::Versions versions() override { return versioned::versions_seen(); }
  isolated::Counts count() override { return versioned::count_everywhere(); }
};

class Module {
 public:
  explicit Module(ark::Context& ctx)
      : published_(ctx.publish<isolated::Witness>(impl_, ark::ServiceOptions().unique_id(std::string(ctx.name())))) {}

 private:
  Impl impl_;
  ark::Published published_;
};

}  // namespace

#ifdef WITNESS_IS_PLUGIN
ARK_PLUGIN(Module)
#else
ARK_BIZ(Module)
#endif

// Who is taken of several that export the same, and who is passed over.
#include <algorithm>
#include <map>
#include <tuple>

#include "lifecycle/resolve.hpp"

namespace ark::container::lifecycle {

using package::Manifest;

bool preferred(const Manifest& a, const Manifest& b) {
  return std::tie(a.priority, a.name, b.version) < std::tie(b.priority, b.name, a.version);
}

namespace {

/// "is shadowed by that of salute 1.0.0 (priority 50 before 100)"
std::string by(const char* verb, const Manifest& loser, const Manifest& winner) {
  const auto priority = "priority " + std::to_string(winner.priority);
  const auto why = winner.priority != loser.priority ? priority + " before " + std::to_string(loser.priority)
                   : winner.name != loser.name       ? priority + " too, but its name comes first"
                                                     : "it is newer";
  return label_of(loser) + verb + label_of(winner) + " (" + why + ")";
}

bool concerns(const Manifest* about, const Manifest* loser, const Manifest* winner) {
  return !about || about == loser || about == winner;
}

void add_service(std::string_view id, const std::vector<Offers::Service>& exporters, const Manifest* about,
                 std::vector<std::string>* sentences) {
  if (exporters.size() < 2) return;
  std::map<uint64_t, Manifests> by_major;
  for (const auto& offer : exporters) {
    if (auto version = package::parse_version(offer.service->version); version.ok())
      by_major[version->major].push_back(offer.module);
  }
  for (auto& [major, modules] : by_major) {
    std::sort(modules.begin(), modules.end(), [](auto* a, auto* b) { return preferred(*a, *b); });
    for (auto loser = modules.begin() + 1; loser != modules.end(); ++loser) {
      if (concerns(about, *loser, modules[0]))
        sentences->push_back(std::string(id) + " of " + by(" is shadowed by that of ", **loser, *modules[0]));
    }
  }
}

}  // namespace

/// One sentence for two modules, however many resources it is about.
std::vector<std::string> shadowed_resources(const Offers& offers, const Manifest* about) {
  std::map<std::pair<const Manifest*, const Manifest*>, std::vector<std::string_view>> shadowed;
  const auto all = offers.of_resources("*");
  for (size_t best = 0, i = 1; i < all.size(); ++i) {
    if (all[i].name != all[best].name) {
      best = i;
    } else if (concerns(about, all[i].module, all[best].module)) {
      shadowed[{all[i].module, all[best].module}].push_back(all[i].name);
    }
  }
  std::vector<std::string> sentences;
  for (const auto& [modules, names] : shadowed) {
    const bool several = names.size() > 1;
    sentences.push_back(
        (several ? std::to_string(names.size()) + " resources, such as " + std::string(names[0]) + ","
                 : "the resource " + std::string(names[0])) +
        " of " +
        by(several ? " are shadowed by those of " : " is shadowed by that of ", *modules.first, *modules.second));
  }
  std::sort(sentences.begin(), sentences.end());
  return sentences;
}

std::vector<std::string> shadowed_among(const Offers& offers, const Manifest* about) {
  auto sentences = shadowed_resources(offers, about);
  if (about) {
    for (const auto& service : about->exports)
      add_service(service.id, offers.of_service(service.id), about, &sentences);
  } else {
    for (const auto& [id, exporters] : offers.services()) add_service(id, exporters, about, &sentences);
  }
  std::sort(sentences.begin(), sentences.end());
  return sentences;
}

}  // namespace ark::container::lifecycle

/// Layouts as they stand in manifests (docs/manifest.md, "Layouts").
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "package/json_fields.hpp"
#include "package/json_reader.hpp"
#include "package/layout.hpp"

namespace ark::container::package {

/// Reads the object that comes next. The contract's id does not stand in it: set it, and check layout_fault then.
ContractLayout read_layout(JsonReader& in);

/// Empty if each struct and contract that is used is described, once; otherwise a sentence.
std::string layout_fault(const ContractLayout& layout);

/// The object that read_layout reads. What the reader assumes anyway is left out.
nlohmann::ordered_json layout_json(const ContractLayout& layout);

std::vector<KnownObject> known_layout_objects();

}  // namespace ark::container::package

/// Layouts as they stand in manifests (docs/manifest.md, "Layouts").
#pragma once

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

/// Appends the object, one line for each method and member; `indent` blanks stand before the line it begins on.
void write_layout(std::string& out, const ContractLayout& layout, size_t indent);

std::vector<KnownObject> known_layout_objects();

}  // namespace ark::container::package

/// How manifests name several things at once: "com.acme.Greeter" is that one, "com.acme.*" all that begin with
/// "com.acme.". The text before the star is compared as it is: "com.acme*" has com.acmeworks.Greeter too.
#pragma once

#include <ark/container/status.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ark::container::package {

bool matches(std::string_view pattern, std::string_view name);
/// Whatever `other` matches, `pattern` matches too.
bool covers(std::string_view pattern, std::string_view other);
/// The first that matches `name`; "" if none does.
std::string_view matching(const std::vector<std::string>& patterns, std::string_view name);

/// kInvalidArgument says what is wrong with it. Resources are named by their path below resources/ of their package.
Status check_service_pattern(std::string_view pattern);
Status check_resource_pattern(std::string_view pattern);

}  // namespace ark::container::package

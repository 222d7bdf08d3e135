#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/node.hpp"
#include "config/settings.hpp"

namespace iac::config {

/// Checks the entries of `services` among themselves: ids and their placeholders, ids twice, and
/// depends_on: unknown services and cycles are named.
void checkDependencies(const Settings& settings, const std::vector<Node>& nodes);

/// Names in braces, in order: "platform/{order}.{name}" has order and name.
std::vector<std::string> placeholders(std::string_view pattern);

/// Whether "platform/postgres" may come of "platform/{name}": a placeholder is any text without
/// a slash.
bool mayBecome(std::string_view pattern, std::string_view id);

}  // namespace iac::config

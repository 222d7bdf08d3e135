#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace iac::plugin {

/// Why the runner could not read what a plugin of that kind ("executor/1") emitted in a call that
/// returned IAC_OK; empty: it can. By the same rules as the runner itself: sdk/README.md has them.
std::string resultFault(std::string_view kind, const std::vector<std::string>& emitted,
                        bool dry_run);

}  // namespace iac::plugin

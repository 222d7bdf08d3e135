#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "plugin/registry.hpp"

namespace iac::plugin {

/// What opening one plugin file gave: its plugins, or the reason it is refused.
struct OpenedModule {
    std::vector<Plugin> plugins;
    std::string reason;            ///< without the file's name; empty: taken
    std::vector<std::string> ids;  ///< what it would have provided, as far as it could be read
};

/// Opens a file that was judged and probed before, and never closes it. Reads its constant
/// descriptors; calls none of its functions.
OpenedModule openModule(const std::filesystem::path& file);

}  // namespace iac::plugin

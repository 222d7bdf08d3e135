#pragma once

#include <filesystem>

#include "config/node.hpp"
#include "config/settings.hpp"

namespace iac::config {

/// The settings a document says, as far as it can be understood; what cannot is a finding.
/// Relative paths are relative to `folder`.
Settings buildSettings(const Node& root, const std::filesystem::path& folder);

}  // namespace iac::config

#pragma once

#include <filesystem>
#include <string>

namespace iac::plugin {

/// SHA-256 of what a file holds, in hex; empty when it cannot be read.
std::string sha256OfFile(const std::filesystem::path& file);

}  // namespace iac::plugin

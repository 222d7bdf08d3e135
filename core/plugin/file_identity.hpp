#pragma once

#include <filesystem>
#include <string>

namespace iac::plugin {

/// SHA-256 of what a file holds, in hex; empty when it cannot be read.
std::string sha256OfFile(const std::filesystem::path& file);

/// What tells one state of a file from another: device, inode, size and time of the last change.
/// Empty: it is not there.
std::string fileIdentity(const std::filesystem::path& file);

}  // namespace iac::plugin

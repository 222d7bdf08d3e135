#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace iac::plugin {

inline constexpr Duration kProbeTime{5'000};
/// The last line of `plugin-host --probe FILE...`: every file was opened, and nothing died of it.
inline constexpr const char* kProbed = "iac-runner: probed";

/// Opens the files as libraries in a child process: a truncated file, or a static constructor that
/// crashes, ends the process or never comes back, does it there. The files that did, each with the
/// reason; a file that cannot be linked is none of them, dlopen says so without harm. All are
/// opened in one child first, and each in its own only when that one does not come to its end.
/// Throws std::runtime_error when the plugin host cannot be started.
std::map<std::filesystem::path, std::string> probe(const std::vector<std::filesystem::path>& files);

}  // namespace iac::plugin

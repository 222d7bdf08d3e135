#pragma once

#include <string>
#include <string_view>

#include "cli/command_tree.hpp"

namespace iac::cli {

/// The manual page iac-runner(1), in the macros of man(7). `date` is that of the page:
/// "2025-01-24".
std::string manualPage(const Command& root, std::string_view version, std::string_view date);

/// What the whole help says at its end, and the manual page in sections of its own.
std::string environmentHelp();

}  // namespace iac::cli

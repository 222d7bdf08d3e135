#pragma once

#include <string>

#include "cli/command_tree.hpp"

namespace iac::cli {

/// Scripts that complete the command line in a shell; they need nothing but the shell itself.
std::string bashCompletion(const Command& root);
std::string zshCompletion(const Command& root);

}  // namespace iac::cli

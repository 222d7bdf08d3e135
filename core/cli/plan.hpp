#pragma once

#include <string>

#include "cli/commands.hpp"

namespace iac::cli {

/// Which services of an environment are not as their last good revision says: each is asked for
/// with a dry run of that revision, one deployment for each revision; "unknown" where its executor
/// cannot look. kFailed when a dry run fails.
int showDrift(const Options& options, const std::string& environment, bool json);

}  // namespace iac::cli

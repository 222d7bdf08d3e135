#pragma once

#include <filesystem>
#include <string>

namespace iac {

/// `iac-runner serve`: the daemon, until a signal ends it. The exit code: 0, 1 (it could not start
/// or go on), 2 (the configuration does not check, or a plugin it needs is refused); sentences on
/// stderr.
int serve(const std::filesystem::path& configuration);

/// `iac-runner config check`: the same checks, plugins included, and nothing is started.
int checkConfiguration(const std::filesystem::path& configuration);

/// `iac-runner notify test`: a sample of every state through one notifier, and what became of each
/// on stdout. The exit code: 0, 1 (one was not delivered), 2 (as above, or there is no such
/// notifier).
int testNotifier(const std::filesystem::path& configuration, const std::string& name);

}  // namespace iac

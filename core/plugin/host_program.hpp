#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/account.hpp"
#include "base/process.hpp"

namespace iac::plugin {

/// The small program in which executors, notifiers and probes run.
std::filesystem::path hostProgram();

/// Its own environment: nothing of the daemon's, so that no secret is in it, but whom http() may
/// trust (SSL_CERT_FILE, SSL_CERT_DIR), and HOME, USER and LOGNAME of the user it runs as.
std::vector<std::string> hostEnvironment(const Account* user = nullptr);

/// "crashed: Segmentation fault", "ended the process with exit code 3".
std::string describeEnd(Exit exit);

}  // namespace iac::plugin

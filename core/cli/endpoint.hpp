#pragma once

#include <Poco/URI.h>

#include <string>

#include "cli/commands.hpp"

namespace iac::cli {

/// Where the daemon is, and how to convince it.
struct Endpoint {
    Poco::URI url;
    std::string token;           ///< of IAC_TOKEN; empty: requests are signed
    std::string secret;          ///< server.secret
    std::string trigger_secret;  ///< of the trigger that answers /deploy and /sync
};

/// From the configuration; IAC_URL and IAC_TOKEN of the environment come first, and with both of
/// them no configuration is read. Throws config::Invalid, Refused.
///
/// `deploy` and `sync` are answered by a trigger, which checks with its own secret: the first one
/// of the plugin iac.manual, or server.secret where it names none.
Endpoint findEndpoint(const Options& options);

}  // namespace iac::cli

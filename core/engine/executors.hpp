#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/account.hpp"
#include "config/settings.hpp"
#include "plugin/registry.hpp"

namespace iac::engine {

/// An executor of the configuration, ready to be called.
struct ExecutorInUse {
    config::ExecutorUse use;
    const plugin::Plugin* plugin = nullptr;
    std::string config;                ///< JSON text, complete by the plugin's schema
    std::optional<Account> user = {};  ///< whom its steps run as; empty: the runner's own user

    const Account* runsAs() const { return user ? &*user : nullptr; }
};

/// By its name in the configuration.
using Executors = std::map<std::string, ExecutorInUse, std::less<>>;

}  // namespace iac::engine

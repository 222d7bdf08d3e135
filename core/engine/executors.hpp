#pragma once

#include <map>
#include <string>

#include "config/settings.hpp"
#include "plugin/registry.hpp"

namespace iac::engine {

/// An executor of the configuration, ready to be called.
struct ExecutorInUse {
    config::ExecutorUse use;
    const plugin::Plugin* plugin = nullptr;
    std::string config;  ///< JSON text, complete by the plugin's schema
};

/// By its name in the configuration.
using Executors = std::map<std::string, ExecutorInUse, std::less<>>;

}  // namespace iac::engine

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "history/history.hpp"
#include "plugin/registry.hpp"

namespace iac::notify {

/// A notifier of the configuration, ready to be called.
struct NotifierInUse {
    config::NotifierUse use;
    const plugin::Plugin* plugin = nullptr;
    std::string config;  ///< JSON text, complete by the plugin's schema
};

/// By its name in the configuration.
using Notifiers = std::map<std::string, NotifierInUse, std::less<>>;

// The moves a notifier can be told of, as the outbox spells them.
using history::kFinished;
using history::kQueued;
using history::kStarted;
using history::kStep;
/// Only said to a notifier: an end that says that a failure is over.
inline constexpr std::string_view kRecovered = "deployment.recovered";

}  // namespace iac::notify

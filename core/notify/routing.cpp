#include "notify/routing.hpp"

#include <algorithm>

namespace iac::notify {
namespace {

bool letsThrough(const std::vector<std::string>& allowed, std::string_view value) {
    return allowed.empty() || std::ranges::find(allowed, value) != allowed.end();
}

}  // namespace

std::vector<std::string> recipients(const config::Settings& settings, std::string_view environment,
                                    DeploymentState state) {
    std::vector<std::string> names;
    for (const auto& notifier : settings.notifiers) {
        if (letsThrough(notifier.environments, environment) &&
            letsThrough(notifier.states, toText(state)))
            names.push_back(notifier.name);
    }
    return names;
}

}  // namespace iac::notify

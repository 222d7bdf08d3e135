#include "http/environment_filter.hpp"

#include "http/query_values.hpp"
#include "intake/checks.hpp"

namespace iac::http {
namespace {

bool isInHistory(history::History& history, const std::string& environment) {
    history::DeploymentQuery deployments;
    deployments.environment = environment;
    deployments.limit = 1;
    if (!history.deployments(deployments).empty()) return true;
    history::EventQuery events;
    events.environment = environment;
    events.limit = 1;
    if (!history.events(events).empty()) return true;
    return !history.allHolds(environment, 1).empty();
}

}  // namespace

std::string environmentFilter(const Site& site, const Request& request) {
    auto name = textOf(request, "env");
    const auto& settings = *site.rooms.settings;
    if (!name.empty() && settings.environment(name) == nullptr &&
        !isInHistory(*site.rooms.history, name))
        intake::checkEnvironment(settings, name);
    return name;
}

}  // namespace iac::http

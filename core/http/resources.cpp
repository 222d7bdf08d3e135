#include "http/site.hpp"

namespace iac::http {
namespace {

/// A line of the table: no line needs a larger body than the API's.
struct Row {
    const char* method;
    const char* pattern;
    Role role;
    Answer (*handle)(const Site&, const Request&);
};

constexpr Row kTable[] = {
    {"GET", "/deployments", Role::read, listDeployments},
    {"GET", "/deployments/{id}", Role::read, showDeployment},
    {"GET", "/deployments/{id}/log", Role::read, showLog},
    {"GET", "/services", Role::read, listServices},
    {"GET", "/plugins", Role::read, listPlugins},
    {"GET", "/health", Role::open, showHealth},
};

}  // namespace

Routes allRoutes(const Site& site) {
    const auto& limits = site.rooms.settings->server.limits;
    Routes routes;
    for (const auto& row : kTable)
        routes.add(
            {row.method, row.pattern, row.role, limits.body,
             [&site, handle = row.handle](Request& request) { return handle(site, request); }});
    // The runner does not know which triggers take pushes: all of them get the larger limit.
    for (const auto& trigger : site.rooms.triggers)
        for (const auto& route : trigger.trigger->routes())
            routes.add({route.method, route.path, Role::trigger, limits.webhook_body,
                        [&site, &trigger](Request& request) {
                            return receiveTrigger(site, trigger, request);
                        }});
    return routes;
}

}  // namespace iac::http

#include "http/site.hpp"

namespace iac::http {
namespace {

/// A line of the table: no line needs a larger body than the API's.
struct Row {
    const char* method;
    const char* pattern;
    Role role;
    Answer (*handle)(const Site&, Request&);
};

constexpr Row kTable[] = {
    {"GET", "/deployments", Role::read, listDeployments},
    {"GET", "/deployments/{id}", Role::read, showDeployment},
    {"GET", "/deployments/{id}/log", Role::read, showLog},
    {"POST", "/deployments/{id}/cancel", Role::deploy, cancelDeployment},
    {"POST", "/deployments/{id}/retry", Role::deploy, retryDeployment},
    {"POST", "/rollback", Role::deploy, rollBack},
    {"POST", "/plan", Role::read, showPlan},
    {"GET", "/services", Role::read, listServices},
    {"GET", "/services/{id*}", Role::read, showService},
    {"GET", "/events", Role::read, listEvents},
    {"GET", "/holds", Role::read, listHolds},
    {"GET", "/holds/{id}", Role::read, showHold},
    {"POST", "/holds", Role::admin, placeHold},
    {"DELETE", "/holds/{id}", Role::admin, releaseHold},
    {"GET", "/tokens", Role::admin, listTokens},
    {"POST", "/tokens", Role::admin, createToken},
    {"DELETE", "/tokens/{name}", Role::admin, revokeToken},
    {"GET", "/plugins", Role::read, listPlugins},
    {"GET", "/metrics", Role::read, showMetrics},
    {"GET", "/health", Role::open, showHealth},
    {"GET", "/openapi.yaml", Role::open, showDescriptionYaml},
    {"GET", "/openapi.json", Role::open, showDescriptionJson},
};

}  // namespace

bool isOwnPath(std::string_view path) {
    Routes own;
    for (const auto& row : kTable) own.add({row.method, row.pattern, row.role, 0, {}});
    Request request;
    request.path = path;
    for (const char* method : {"GET", "POST", "DELETE"}) {
        request.method = method;
        try {
            own.find(request);
            return true;
        } catch (const Problem& problem) {
            if (problem.status() == 405) return true;
        }
    }
    return false;
}

Routes allRoutes(const Site& site) {
    const auto& limits = site.rooms.settings->server.limits;
    Routes routes;
    const bool open_metrics = site.rooms.settings->server.anonymous_metrics;
    for (const auto& row : kTable)
        routes.add(
            {row.method, row.pattern,
             open_metrics && row.handle == showMetrics ? Role::open : row.role, limits.body,
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

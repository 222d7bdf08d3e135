#include "verify.hpp"

namespace iac::dokploy {
namespace {

constexpr double kRequestSeconds = 10;

/// One look at the health: what is wrong with it, or nothing.
struct Health {
    bool good = false;
    std::string why;
};

Health askUrl(World& world, const Check& check) {
    Request request{"GET", check.url};
    request.timeout_seconds = kRequestSeconds;
    try {
        const Reply reply = world.http(request);
        return {reply.status == check.status,
                "it answered with status " + std::to_string(reply.status)};
    } catch (const Error& error) {
        if (error.status() != IAC_RETRY) throw;
        return {false, "it did not answer"};
    }
}

// Running, or a job that ended well; not one that starts again and again, or is unhealthy.
bool isWell(const std::string& state, const std::string& status) {
    if (state == "running")
        return status.find("unhealthy") == std::string::npos &&
               status.find("health: starting") == std::string::npos;
    return state == "exited" && status.find("Exited (0)") != std::string::npos;
}

// Empty: Dokploy does not say (older, or the key may not ask).
std::optional<Health> askContainers(Api& api, const Remote& remote) {
    std::optional<Value> list;
    try {
        Parameters what{{"appName", remote.app_name}, {"appType", "docker-compose"}};
        if (!remote.server.empty()) what.emplace_back("serverId", remote.server);
        if (!api.look("docker.getContainersByAppNameMatch", what, list))
            return Health{false, "Dokploy does not answer"};
    } catch (const Error& error) {
        if (error.status() != IAC_FAILED) throw;
        return std::nullopt;
    }
    if (!list || !list->isArray() || list->count() == 0) return std::nullopt;
    for (std::size_t i = 0; i < list->count(); ++i) {
        const Value one = (*list)[i];
        const auto state = one.get<std::string>("state", ""),
                   status = one.get<std::string>("status", "");
        if (!isWell(state, status))
            return Health{false, "container " + one.get<std::string>("name", "") + " is " +
                                     (status.empty() ? state : status)};
    }
    return Health{true, std::to_string(list->count()) + " containers"};
}

[[noreturn]] void failAsUnhealthy(const std::string& what, const std::string& why, double within) {
    fail(what + " within " + std::to_string(static_cast<int>(within)) +
             " s after the deployment: " + why,
         {"unhealthy",
          "It is deployed as it is: see the logs of its containers in Dokploy, then correct it and "
          "push, or deploy the last good revision."});
}

}  // namespace

std::string verified(Api& api, const Server& server, const Service& service, const Place& place,
                     const Remote& remote) {
    const Check& check = service.check;
    World& world = api.world();
    const double end = world.now() + check.within;
    std::string said;
    while (!check.url.empty()) {
        const Health health = askUrl(world, check);
        if (health.good) {
            said = check.url + " answers with " + std::to_string(check.status);
            break;
        }
        if (world.now() + server.poll > end)
            failAsUnhealthy(check.url + " did not answer with " + std::to_string(check.status),
                            health.why, check.within);
        world.pause(server.poll);
    }
    while (check.containers && service.kind == Kind::compose) {
        const auto health = askContainers(api, remote);
        if (!health)
            return (said.empty() ? "" : said + "; ") +
                   std::string("the containers were not verified: Dokploy does not show them");
        if (health->good) return (said.empty() ? "" : said + "; ") + health->why + " run";
        if (world.now() + server.poll > end)
            failAsUnhealthy(place.name + " does not run", health->why, check.within);
        world.pause(server.poll);
    }
    return said.empty() ? "whether it works was not verified" : said;
}

}  // namespace iac::dokploy

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/answer.hpp"
#include "http/request.hpp"

namespace iac::http {

/// What a caller may do. Each role includes the ones before it.
enum class Role {
    open,     ///< everybody
    trigger,  ///< whom the trigger that answers believes: it checks with its own secret
    read,     ///< sees history and logs
    deploy,   ///< also starts, cancels, retries and rolls back
    admin,    ///< also manages tokens and holds
};

/// "read"; empty for the first two, which nobody is given.
std::string_view roleName(Role role);
/// Empty: there is no such role.
std::optional<Role> roleOf(std::string_view text);

/// One line of the routes table.
struct Route {
    std::string method;
    std::string pattern;  ///< "/deployments/{id}/log": {name} stands for one part of the path,
                          ///< {name*} at the end for all that is left of it
    Role role = Role::read;
    std::uint64_t body_limit = 0;
    std::function<Answer(Request&)> handle;

    /// Whether the path says what is asked for, and not only the body.
    bool hasParameters() const { return pattern.find('{') != std::string::npos; }
};

/// Whether one of the runner's own routes answers a path, with whatever method.
bool isOwnPath(std::string_view path);

/// Which route answers a request. Made once; read-only and [any-thread] from then on.
class Routes {
public:
    /// Throws std::runtime_error with a sentence when a route is there already.
    void add(Route route);
    /// Fills request.parameters. HEAD is answered by the route for GET. Throws Problem (404, 405
    /// with Allow).
    const Route& find(Request& request) const;
    const std::vector<Route>& all() const { return routes_; }

private:
    std::vector<Route> routes_;
};

}  // namespace iac::http

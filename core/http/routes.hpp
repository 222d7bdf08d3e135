#pragma once

#include <cstdint>
#include <functional>
#include <string>
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

/// One line of the routes table.
struct Route {
    std::string method;
    std::string pattern;  ///< "/deployments/{id}/log": {name} stands for one part of the path
    Role role = Role::read;
    std::uint64_t body_limit = 0;
    std::function<Answer(Request&)> handle;
};

/// Which route answers a request. Made once; read-only and [any-thread] from then on.
class Routes {
public:
    /// Throws std::runtime_error with a sentence when a route is there already.
    void add(Route route);
    /// Fills request.parameters. HEAD is answered by the route for GET. Throws Problem (404, 405
    /// with Allow).
    const Route& find(Request& request) const;

private:
    std::vector<Route> routes_;
};

}  // namespace iac::http

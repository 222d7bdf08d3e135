#pragma once

#include "http/authentication.hpp"
#include "http/health.hpp"
#include "http/routes.hpp"
#include "http/server.hpp"
#include "http/waiting.hpp"

namespace iac::http {

/// What the resources answer from. Each is a function (or a factory of one) in a file of its own;
/// resources.cpp is the table of them all.
struct Site {
    const Rooms& rooms;
    const Authentication& authentication;
    Waiting& waiting;
    Health& health;
};

Answer listDeployments(const Site& site, const Request& request);
Answer showDeployment(const Site& site, const Request& request);
Answer showLog(const Site& site, const Request& request);
Answer listServices(const Site& site, const Request& request);
Answer listPlugins(const Site& site, const Request& request);
Answer showHealth(const Site& site, const Request& request);
Answer receiveTrigger(const Site& site, const MountedTrigger& trigger, Request& request);

/// Every route, one line each. The site has to outlive them. Throws std::runtime_error when two
/// claim the same.
Routes allRoutes(const Site& site);

}  // namespace iac::http

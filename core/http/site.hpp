#pragma once

#include "http/authentication.hpp"
#include "http/connections.hpp"
#include "http/health.hpp"
#include "http/metrics.hpp"
#include "http/request_log.hpp"
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
    Metrics& metrics;
    Connections& connections;
    RequestLog& request_log;
};

/// One, with its steps. Throws Problem 404.
Deployment deploymentOf(const Site& site, DeploymentId id);

Answer listDeployments(const Site& site, Request& request);
Answer showDeployment(const Site& site, Request& request);
Answer showLog(const Site& site, Request& request);
Answer cancelDeployment(const Site& site, Request& request);
Answer retryDeployment(const Site& site, Request& request);
Answer rollBack(const Site& site, Request& request);
Answer showPlan(const Site& site, Request& request);
Answer listServices(const Site& site, Request& request);
Answer showService(const Site& site, Request& request);
Answer listEvents(const Site& site, Request& request);
Answer listHolds(const Site& site, Request& request);
Answer showHold(const Site& site, Request& request);
Answer placeHold(const Site& site, Request& request);
Answer releaseHold(const Site& site, Request& request);
Answer listTokens(const Site& site, Request& request);
Answer createToken(const Site& site, Request& request);
Answer revokeToken(const Site& site, Request& request);
Answer listPlugins(const Site& site, Request& request);
Answer showMetrics(const Site& site, Request& request);
Answer showDescriptionYaml(const Site& site, Request& request);
Answer showDescriptionJson(const Site& site, Request& request);
Answer showHealth(const Site& site, Request& request);
Answer receiveTrigger(const Site& site, const MountedTrigger& trigger, Request& request);

/// Every route, one line each. The site has to outlive them. Throws std::runtime_error when two
/// claim the same.
Routes allRoutes(const Site& site);

}  // namespace iac::http

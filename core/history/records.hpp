#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "history/connection.hpp"
#include "history/history.hpp"
#include "model/deployment.hpp"
#include "model/event.hpp"

namespace iac::history {

/// Rows as values of the model.

std::string_view toText(EventKind kind);
EventKind eventKind(std::string_view text);

/// One, without its steps. Empty: there is none.
std::optional<Deployment> readDeployment(Connection& sql, DeploymentId id);
/// The deployments of a query that begins with the columns of statements.hpp.
std::vector<Deployment> readDeployments(Connection& sql, const std::string& query,
                                        const std::vector<Connection::Value>& args);
/// The steps of a deployment in their order, with their attempts.
std::vector<Step> readSteps(Connection& sql, DeploymentId id);
std::optional<Event> readEvent(Connection& sql, EventId id);
/// The events of a query that begins with the columns of statements.hpp, without their paths.
std::vector<ReceivedEvent> readEvents(Connection& sql, const std::string& query,
                                      const std::vector<Connection::Value>& args);

/// What came before a deployment in its environment: see History::deploymentBefore and stepsBefore.
std::optional<Deployment> readDeploymentBefore(Connection& sql, const Deployment& deployment);
std::optional<Step> readStepBefore(Connection& sql, const std::string& service,
                                   const Deployment& deployment);

}  // namespace iac::history

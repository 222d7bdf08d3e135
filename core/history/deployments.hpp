#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "history/history.hpp"
#include "history/writer.hpp"

namespace iac::history {

/// The moves of a deployment: see the functions of History with the same names. [writer-thread]
std::optional<Deployment> takeNext(Transaction& transaction, std::string_view environment);
std::vector<Step> setPlan(Transaction& transaction, DeploymentId id, std::string_view revision,
                          const Plan& plan, const std::vector<std::string>& executors,
                          std::string_view subject);
void finish(Transaction& transaction, DeploymentId id, const DeploymentEnd& end);
void handBack(Transaction& transaction, DeploymentId id, bool crashed);
DeploymentState cancel(Transaction& transaction, DeploymentId id, std::string_view by);
/// True: there may be more of them.
bool failQueued(Transaction& transaction, std::string_view environment, const Diagnosis& diagnosis);

}  // namespace iac::history

#include "history/ended.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include "history/connection.hpp"
#include "history/statements.hpp"

namespace iac::history {

EndedPage readEnded(Connection& sql, DeploymentId from, std::size_t count) {
    const auto last = std::get<0>(sql.askOne<std::int64_t>(sql::kLastDeployment).value());
    const auto open = std::get<0>(sql.askOne<std::optional<std::int64_t>>(sql::kFirstOpen).value());
    const DeploymentId end = from + static_cast<DeploymentId>(count);
    EndedPage page;
    page.first_open = open.value_or(last + 1);
    // Of many that were removed there are none to be looked at.
    const auto next =
        std::get<0>(sql.askOne<std::optional<std::int64_t>>(sql::kNextDeployment, end).value());
    page.next = next.value_or(0);
    for (auto& [id, environment, state, started_at, finished_at] :
         sql.ask<std::int64_t, std::string, std::string, std::int64_t, std::int64_t>(
             sql::kEndedDeployments, from, end))
        page.deployments.push_back({id, std::move(environment),
                                    deploymentState(state).value_or(DeploymentState::failed),
                                    timeOf(started_at), timeOf(finished_at)});
    for (auto& [id, deployment, executor, state, started_at, finished_at] :
         sql.ask<std::int64_t, std::int64_t, std::string, std::string, std::int64_t, std::int64_t>(
             sql::kEndedSteps, from, end))
        page.steps.push_back({id, deployment, std::move(executor),
                              stepState(state).value_or(StepState::failed), timeOf(started_at),
                              timeOf(finished_at)});
    return page;
}

}  // namespace iac::history

#include "history/deployments.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "history/json.hpp"
#include "history/outbox.hpp"
#include "history/records.hpp"
#include "history/statements.hpp"

namespace iac::history {
namespace {

std::string named(DeploymentId id) {
    return "Deployment " + std::to_string(id);
}

DeploymentState stateOf(Transaction& transaction, DeploymentId id) {
    const auto row = transaction.sql.askOne<std::string>(sql::kDeploymentState, id);
    if (!row) throw WrongState(named(id) + " is not in the history.");
    return deploymentState(std::get<0>(*row)).value_or(DeploymentState::failed);
}

// The state it moves from.
DeploymentState checkMove(Transaction& transaction, DeploymentId id, DeploymentState to) {
    const DeploymentState from = stateOf(transaction, id);
    if (!mayMove(from, to))
        throw WrongState(named(id) + " is " + std::string(toText(from)) + " and cannot become " +
                         std::string(toText(to)) + ".");
    return from;
}

void insertStep(Transaction& transaction, DeploymentId deployment, std::size_t position,
                const PlannedService& planned, const std::string& executor) {
    transaction.sql.run(sql::kInsertStep, ++transaction.counters.step, deployment, position,
                        planned.service, executor, planned.reason);
}

bool endedWell(std::string_view state) {
    return state == toText(StepState::changed) || state == toText(StepState::unchanged);
}

using Earlier = std::vector<std::tuple<std::int64_t, std::string, std::string>>;

// Steps of an earlier run that the new plan does not have go behind its own; those that did not
// begin never will.
void putAside(Transaction& transaction, const Earlier& earlier, const Plan& plan) {
    std::size_t position = plan.services.size();
    for (const auto& [id, service, state] : earlier) {
        if (std::ranges::find(plan.services, service, &PlannedService::service) !=
            plan.services.end())
            continue;
        transaction.sql.run(sql::kMoveStepTo, position++, id);
        if (state == toText(StepState::pending))
            transaction.sql.run(sql::kEndStep, toText(StepState::cancelled), transaction.now,
                                "no longer part of the plan", "", "", "", "", id);
    }
}

}  // namespace

std::optional<Deployment> takeNext(Transaction& transaction, std::string_view environment) {
    const auto next = transaction.sql.askOne<std::int64_t>(sql::kNextQueued, environment);
    if (!next) return std::nullopt;
    transaction.sql.run(sql::kStartDeployment, transaction.now, std::get<0>(*next));
    --transaction.counters.waiting;
    return readDeployment(transaction.sql, std::get<0>(*next));
}

std::vector<Step> setPlan(Transaction& transaction, DeploymentId id, std::string_view revision,
                          const Plan& plan, const std::vector<std::string>& executors) {
    if (executors.size() != plan.services.size())
        throw std::invalid_argument("setPlan() needs one executor for each planned service.");
    if (stateOf(transaction, id) != DeploymentState::running)
        throw WrongState(named(id) + " is not running: its plan cannot be set.");
    transaction.sql.run(sql::kSetPlan, revision, planJson(plan), id);
    const Earlier earlier =
        transaction.sql.ask<std::int64_t, std::string, std::string>(sql::kStepsAtPlanning, id);
    putAside(transaction, earlier, plan);
    for (std::size_t at = 0; at < plan.services.size(); ++at) {
        const PlannedService& planned = plan.services[at];
        const auto known = std::ranges::find(earlier, planned.service,
                                             [](const auto& step) { return std::get<1>(step); });
        if (known == earlier.end()) {
            insertStep(transaction, id, at, planned, executors[at]);
        } else if (endedWell(std::get<2>(*known))) {
            transaction.sql.run(sql::kMoveStepTo, at, std::get<0>(*known));
        } else {
            // Made anew on its old row, so that the attempts of the earlier run stay with it.
            transaction.sql.run(sql::kRenewStep, at, executors[at], planned.reason,
                                std::get<0>(*known));
        }
    }
    auto steps = readSteps(transaction.sql, id);
    steps.resize(plan.services.size());  // without those put aside
    return steps;
}

void finish(Transaction& transaction, DeploymentId id, const DeploymentEnd& end) {
    if (!isFinal(end.state) || end.state == DeploymentState::superseded)
        throw WrongState(named(id) + " cannot be finished as " + std::string(toText(end.state)) +
                         ".");
    if (checkMove(transaction, id, end.state) == DeploymentState::queued)
        --transaction.counters.waiting;
    transaction.sql.run(sql::kFinishDeployment, toText(end.state), transaction.now,
                        end.diagnosis.error_kind, end.diagnosis.summary, end.diagnosis.next_action,
                        id);
    transaction.sql.run(sql::kEndOpenAttempts, toText(StepState::cancelled), transaction.now,
                        "the deployment ended", id);
    transaction.sql.run(sql::kCancelOpenSteps, transaction.now, "the deployment ended", id);
    const std::set<std::string> notifiers(end.notify.begin(), end.notify.end());
    for (const std::string& notifier : notifiers)
        addMessage(transaction, id, notifier, "deployment.finished");
}

void handBack(Transaction& transaction, DeploymentId id) {
    checkMove(transaction, id, DeploymentState::queued);
    transaction.sql.run(sql::kEndOpenAttempts, toText(StepState::pending), transaction.now,
                        "interrupted: the runner stopped", id);
    transaction.sql.run(sql::kHandBackSteps, id);
    transaction.sql.run(sql::kRequeueDeployment, id);
    ++transaction.counters.waiting;
}

}  // namespace iac::history

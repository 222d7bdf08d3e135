#include "history/steps.hpp"

#include <string>

#include "history/outbox.hpp"
#include "history/statements.hpp"

namespace iac::history {
namespace {

/// The error kind of a step that was cut off and is not run again.
constexpr std::string_view kInterrupted = "interrupted";

/// A step of a running deployment, and what its target needs to know.
struct Moving {
    StepState state = StepState::pending;
    std::string service;
    DeploymentId deployment = 0;
    std::string environment, revision;
    bool dry_run = false;
};

std::string named(StepId step) {
    return "Step " + std::to_string(step);
}

Moving movingStep(Transaction& transaction, StepId step) {
    const auto row =
        transaction.sql.askOne<std::string, std::string, std::int64_t, std::string, std::string,
                               std::string, std::int64_t>(sql::kStepForMove, step);
    if (!row) throw WrongState(named(step) + " is not in the history.");
    const auto& [state, service, deployment, deployment_state, environment, revision, dry_run] =
        *row;
    if (deployment_state != toText(DeploymentState::running))
        throw WrongState(named(step) + " belongs to deployment " + std::to_string(deployment) +
                         ", which is " + deployment_state + " and not running.");
    return {stepState(state).value_or(StepState::failed),
            service,
            deployment,
            environment,
            revision,
            dry_run != 0};
}

void updateTarget(Transaction& transaction, const Moving& step, StepState outcome) {
    if (step.dry_run) return;  // it changed nothing, so it says nothing about the target
    if (endedWell(outcome)) {
        transaction.sql.run(sql::kTargetGood, step.environment, step.service, step.revision,
                            step.deployment, toText(outcome), transaction.now);
    } else {
        transaction.sql.run(sql::kTargetOutcome, step.environment, step.service, toText(outcome),
                            step.deployment, transaction.now);
    }
}

}  // namespace

int startAttempt(Transaction& transaction, StepId step, const UsedPlugin& plugin) {
    const Moving moving = movingStep(transaction, step);
    const auto last = transaction.sql.askOne<std::int64_t, std::string>(sql::kLastAttempt, step);
    const bool again = moving.state == StepState::running;  // a retry: the step runs already
    if (!again && !mayMove(moving.state, StepState::running))
        throw WrongState(named(step) + " is " + std::string(toText(moving.state)) +
                         " and cannot run.");
    if (again && last && std::get<1>(*last) == toText(StepState::running))
        throw WrongState(named(step) + " has an attempt that still runs.");
    const std::int64_t number = last ? std::get<0>(*last) + 1 : 1;
    transaction.sql.run(sql::kStartStep, transaction.now, step);
    if (!plugin.id.empty())
        transaction.sql.run(sql::kStepPlugin, plugin.id, plugin.version, plugin.sha256, step);
    transaction.sql.run(sql::kInsertAttempt, step, number, transaction.now);
    return static_cast<int>(number);
}

void finishAttempt(Transaction& transaction, StepId step, int attempt, const AttemptEnd& end) {
    if (!mayMove(StepState::running, end.state))
        throw WrongState("An attempt cannot end as " + std::string(toText(end.state)) + ".");
    if (transaction.sql.run(sql::kEndAttempt, toText(end.state), transaction.now, end.exit_code,
                            end.message, step, attempt) != 1)
        throw WrongState("Attempt " + std::to_string(attempt) + " of step " + std::to_string(step) +
                         " does not run.");
}

void finishStep(Transaction& transaction, StepId step, const StepEnd& end) {
    const Moving moving = movingStep(transaction, step);
    if (!isFinal(end.state) || !mayMove(moving.state, end.state))
        throw WrongState(named(step) + " is " + std::string(toText(moving.state)) +
                         " and cannot end as " + std::string(toText(end.state)) + ".");
    transaction.sql.run(sql::kEndStep, toText(end.state), transaction.now, end.summary,
                        end.diagnosis.error_kind, end.diagnosis.summary, end.diagnosis.next_action,
                        end.config_hash, step);
    // What cut it off did not wait for it to end: the attempt says so, and not that it failed.
    if (end.state == StepState::failed && end.diagnosis.error_kind == kInterrupted)
        transaction.sql.run(sql::kInterruptAttempt, transaction.now, step);
    updateTarget(transaction, moving, end.state);
    announce(transaction, moving.deployment, kStep, moving.environment);
}

}  // namespace iac::history

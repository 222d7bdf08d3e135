#include "history/deployments.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "history/admission.hpp"
#include "history/holds.hpp"
#include "history/json.hpp"
#include "history/outbox.hpp"
#include "history/records.hpp"
#include "history/statements.hpp"
#include "history/takeover.hpp"

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

std::string environmentOf(Transaction& transaction, DeploymentId id) {
    return std::get<0>(transaction.sql.askOne<std::string>(sql::kEnvironmentOf, id).value());
}

Diagnosis cancelledBy(std::string_view by) {
    return {"cancelled", "cancelled by " + std::string(by), ""};
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

bool endedWell(std::string_view text) {
    const auto state = stepState(text);
    return state && iac::endedWell(*state);
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

// What a hold kept from being deployed is deployed when that ends: its target remembers it. Where
// the hold has ended since the plan was made, nobody else will think of it: then it is asked for
// here.
void markHeld(Transaction& transaction, DeploymentId id, const Plan& plan) {
    if (std::ranges::none_of(plan.skipped, &SkippedService::held)) return;
    const auto deployment = readDeployment(transaction.sql, id);
    if (deployment->kind != EventKind::change || deployment->dry_run) return;
    bool ended = false;
    for (const SkippedService& skipped : plan.skipped) {
        if (!skipped.held) continue;
        transaction.sql.run(sql::kTargetOutcome, deployment->environment, skipped.service,
                            kHeldOutcome, id, transaction.now);
        ended = ended || !isHeld(transaction, deployment->environment, skipped.service);
    }
    if (!ended) return;
    Event event;
    event.trigger = deployment->trigger;
    event.kind = EventKind::change;
    event.environment = deployment->environment;
    event.ref = deployment->ref;
    event.triggered_by = deployment->triggered_by;
    event.subject = "what was held meanwhile";
    admitCatchUp(transaction, event, "a hold has ended");
}

// A push is not sent again: what it asked for and did not get is remembered with the targets, so
// that the next one deploys it too.
void markTargets(Transaction& transaction, DeploymentId id, DeploymentState outcome) {
    const auto deployment = readDeployment(transaction.sql, id);
    if (deployment->kind != EventKind::change || deployment->dry_run) return;
    std::set<std::string> services;
    for (const PlannedService& planned : deployment->plan.services)
        services.insert(planned.service);
    for (auto& [step, service, text] :
         transaction.sql.ask<std::int64_t, std::string, std::string>(sql::kStepsAtPlanning, id)) {
        const auto state = stepState(text);
        if (state && isFinal(*state)) {
            services.erase(service);  // its own end said so already
        } else {
            services.insert(std::move(service));
        }
    }
    for (const std::string& service : services)
        transaction.sql.run(sql::kTargetOutcome, deployment->environment, service, toText(outcome),
                            id, transaction.now);
}

// The pushes that it took over were good: nobody sends them again.
void giveBackTakenOver(Transaction& transaction, DeploymentId id) {
    const auto failed = readDeployment(transaction.sql, id);
    if (failed->kind != EventKind::change || failed->dry_run || failed->taken_over.empty()) return;
    Event event;
    event.trigger = failed->trigger;
    event.kind = EventKind::change;
    event.environment = failed->environment;
    event.ref = failed->ref;
    event.before = failed->before;
    event.paths = failed->paths;
    event.triggered_by = failed->triggered_by;
    event.subject = "what deployment " + std::to_string(id) + " had taken over";
    admitCatchUp(transaction, event,
                 "the commit of deployment " + std::to_string(id) + " is not in the repository");
}

// A newer change that waits takes over one that is handed back: two of them would deploy the older
// after the newer one. 0: none waits.
DeploymentId giveToWaiting(Transaction& transaction, DeploymentId id) {
    auto handed = readDeployment(transaction.sql, id);
    if (handed->kind != EventKind::change) return 0;
    auto waiting = waitingChanges(transaction, handed->environment, handed->dry_run);
    if (waiting.empty()) return 0;
    auto& [newer, wanted] = waiting.back();
    const Wanted both = takeOver(
        {std::move(handed->revision), std::move(handed->before), std::move(handed->taken_over),
         std::move(handed->paths), handed->paths_complete, std::move(handed->plan)},
        std::move(wanted), transaction.limits);
    transaction.sql.run(sql::kWantMore, both.before, listJson(both.paths), both.paths_complete,
                        listJson(both.taken_over), planJson(both.plan), newer);
    return newer;
}

}  // namespace

std::optional<Deployment> takeNext(Transaction& transaction, std::string_view environment) {
    const auto next = transaction.sql.askOne<std::int64_t>(sql::kNextQueued, environment);
    if (!next) return std::nullopt;
    transaction.sql.run(sql::kStartDeployment, transaction.now, std::get<0>(*next));
    --transaction.counters.waiting;
    announce(transaction, std::get<0>(*next), kStarted, environment);
    return readDeployment(transaction.sql, std::get<0>(*next));
}

std::vector<Step> setPlan(Transaction& transaction, DeploymentId id, std::string_view revision,
                          const Plan& plan, const std::vector<std::string>& executors,
                          std::string_view subject) {
    if (executors.size() != plan.services.size())
        throw std::invalid_argument("setPlan() needs one executor for each planned service.");
    if (stateOf(transaction, id) != DeploymentState::running)
        throw WrongState(named(id) + " is not running: its plan cannot be set.");
    transaction.sql.run(sql::kSetPlan, revision, planJson(plan), subject, id);
    markHeld(transaction, id, plan);
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
    if (end.state != DeploymentState::success) markTargets(transaction, id, end.state);
    transaction.sql.run(sql::kFinishDeployment, toText(end.state), transaction.now,
                        end.diagnosis.error_kind, end.diagnosis.summary, end.diagnosis.next_action,
                        id);
    transaction.sql.run(sql::kEndOpenAttempts, toText(StepState::cancelled), transaction.now,
                        "the deployment ended", false, id);
    transaction.sql.run(
        sql::kCancelOpenSteps, transaction.now,
        end.state == DeploymentState::cancelled ? end.diagnosis.summary : "the deployment ended",
        id);
    announce(transaction, id, kFinished, environmentOf(transaction, id));
    if (end.gives_back) giveBackTakenOver(transaction, id);
}

void handBack(Transaction& transaction, DeploymentId id, bool crashed) {
    checkMove(transaction, id, DeploymentState::queued);
    const auto by = transaction.sql.askOne<std::string>(sql::kCancelRequestedBy, id);
    if (by && !std::get<0>(*by).empty())
        return finish(transaction, id, {DeploymentState::cancelled, cancelledBy(std::get<0>(*by))});
    transaction.sql.run(
        sql::kEndOpenAttempts, toText(StepState::pending), transaction.now,
        crashed ? "interrupted by the end of the runner" : "handed back when the runner stopped",
        crashed, id);
    if (const DeploymentId newer = giveToWaiting(transaction, id); newer != 0) {
        supersede(transaction, id, newer, environmentOf(transaction, id));
        return;
    }
    transaction.sql.run(sql::kHandBackSteps, id);
    transaction.sql.run(sql::kRequeueDeployment, id);
    ++transaction.counters.waiting;
    ++transaction.counters.queued;
}

DeploymentState cancel(Transaction& transaction, DeploymentId id, std::string_view by) {
    const DeploymentState state = stateOf(transaction, id);
    if (state == DeploymentState::queued) {
        finish(transaction, id, {DeploymentState::cancelled, cancelledBy(by)});
        return DeploymentState::cancelled;
    }
    if (state != DeploymentState::running)
        throw WrongState(named(id) + " is " + std::string(toText(state)) +
                         " already: there is nothing to cancel.");
    transaction.sql.run(sql::kRequestCancel, by, id);
    ++transaction.counters.cancellations;
    return state;
}

bool failQueued(Transaction& transaction, std::string_view environment,
                const Diagnosis& diagnosis) {
    constexpr int kAtOnce = 256;  // so that other work does not wait long
    for (int i = 0; i < kAtOnce; ++i) {
        const auto next = transaction.sql.askOne<std::int64_t>(sql::kOldestQueued, environment);
        if (!next) return false;
        finish(transaction, std::get<0>(*next), {DeploymentState::failed, diagnosis});
    }
    return true;
}

}  // namespace iac::history

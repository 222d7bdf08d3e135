#include "history/records.hpp"

#include <algorithm>

#include "history/json.hpp"
#include "history/statements.hpp"

namespace iac::history {
namespace {

using Number = std::int64_t;
using Text = std::string;
using MaybeNumber = std::optional<std::int64_t>;

using DeploymentRow =
    std::tuple<Number, Number, Text, Text, Text, Text, Text, Text, Text, Text, Text, Text, Text,
               Number, Text, Text, Number, Text, Number, MaybeNumber, MaybeNumber, Text, Text, Text,
               Number, Number, Number, Text>;

// Of the list: without what only one event shows.
using EventRow = std::tuple<Number, Number, Text, Text, Text, Text, Text, Text, Text, Text, Text,
                            Number, Number, Text, Number>;

Deployment deploymentOf(const DeploymentRow& row) {
    const auto& [id, event, kind, state, environment, trigger, triggered_by, subject, ref, tag,
                 revision, before, paths, paths_complete, taken_over, services, dry_run, plan,
                 created_at, started_at, finished_at, error_kind, error_summary, next_action,
                 superseded_by, retry_of, rollback_of, cancel_requested_by] = row;
    Deployment deployment;
    deployment.id = id;
    deployment.event = event;
    deployment.kind = eventKind(kind);
    deployment.state = deploymentState(state).value_or(DeploymentState::failed);
    deployment.environment = environment;
    deployment.trigger = trigger;
    deployment.triggered_by = triggered_by;
    deployment.subject = subject;
    deployment.ref = ref;
    deployment.tag = tag;
    deployment.revision = revision;
    deployment.before = before;
    deployment.paths = listOf(paths);
    deployment.paths_complete = paths_complete != 0;
    deployment.taken_over = listOf(taken_over);
    deployment.services = listOf(services);
    deployment.dry_run = dry_run != 0;
    deployment.plan = planOf(plan);
    deployment.created_at = timeOf(created_at);
    deployment.started_at = timeOf(started_at);
    deployment.finished_at = timeOf(finished_at);
    deployment.diagnosis = {error_kind, error_summary, next_action};
    deployment.superseded_by = superseded_by;
    deployment.retry_of = retry_of;
    deployment.rollback_of = rollback_of;
    deployment.cancel_requested_by = cancel_requested_by;
    return deployment;
}

using StepRow = std::tuple<Number, Number, Text, Text, Text, Text, MaybeNumber, MaybeNumber, Text,
                           Text, Text, Text, Text, Text, Text, Text>;

Step stepOf(const StepRow& row) {
    const auto& [id, position, service, executor, reason, state, started_at, finished_at, summary,
                 error_kind, error_summary, next_action, config_hash, plugin, plugin_version,
                 plugin_sha256] = row;
    Step step;
    step.id = id;
    step.position = static_cast<int>(position);
    step.service = service;
    step.executor = executor;
    step.reason = reason;
    step.state = stepState(state).value_or(StepState::failed);
    step.started_at = timeOf(started_at);
    step.finished_at = timeOf(finished_at);
    step.summary = summary;
    step.diagnosis = {error_kind, error_summary, next_action};
    step.config_hash = config_hash;
    step.plugin = {plugin, plugin_version, plugin_sha256};
    return step;
}

}  // namespace

std::string_view toText(EventKind kind) {
    return kind == EventKind::change ? "change" : "request";
}

EventKind eventKind(std::string_view text) {
    return text == "change" ? EventKind::change : EventKind::request;
}

std::optional<Deployment> readDeployment(Connection& sql, DeploymentId id) {
    const auto row = sql.askRow<DeploymentRow>(sql::kDeploymentById, id);
    if (!row) return std::nullopt;
    return deploymentOf(*row);
}

std::optional<Deployment> readDeploymentBefore(Connection& sql, const Deployment& deployment) {
    const auto row =
        sql.askRow<DeploymentRow>(sql::kDeploymentBefore, deployment.environment, deployment.id);
    if (!row) return std::nullopt;
    return deploymentOf(*row);
}

std::vector<Deployment> readDeployments(Connection& sql, const std::string& query,
                                        const std::vector<Connection::Value>& args) {
    const auto rows = sql.askRowsOnce<DeploymentRow>(query, args);
    std::vector<Deployment> deployments;
    deployments.reserve(rows.size());
    for (const auto& row : rows) deployments.push_back(deploymentOf(row));
    return deployments;
}

std::vector<Step> readSteps(Connection& sql, DeploymentId id) {
    std::vector<Step> steps;
    for (const auto& row : sql.askRows<StepRow>(sql::kStepsOfDeployment, id))
        steps.push_back(stepOf(row));
    for (auto& [step_id, number, state, started_at, finished_at, exit_code, message, crashed] :
         sql.ask<Number, Number, Text, MaybeNumber, MaybeNumber, MaybeNumber, Text, Number>(
             sql::kAttemptsOfDeployment, id)) {
        const auto step = std::ranges::find(steps, step_id, &Step::id);
        if (step == steps.end()) continue;
        Attempt attempt;
        attempt.number = static_cast<int>(number);
        attempt.state = stepState(state).value_or(StepState::failed);
        attempt.started_at = timeOf(started_at);
        attempt.finished_at = timeOf(finished_at);
        if (exit_code) attempt.exit_code = static_cast<int>(*exit_code);
        attempt.message = std::move(message);
        attempt.crashed = crashed != 0;
        step->attempts.push_back(std::move(attempt));
    }
    return steps;
}

std::optional<Step> readStepBefore(Connection& sql, const std::string& service,
                                   const Deployment& deployment) {
    const auto row =
        sql.askRow<StepRow>(sql::kStepBefore, service, deployment.id, deployment.environment);
    if (!row) return std::nullopt;
    return stepOf(*row);
}

std::vector<ReceivedEvent> readEvents(Connection& sql, const std::string& query,
                                      const std::vector<Connection::Value>& args) {
    std::vector<ReceivedEvent> events;
    for (auto& [id, received_at, trigger, kind, delivery, environment, ref, tag, revision,
                triggered_by, subject, dry_run, deployment, reason, repeats] :
         sql.askRowsOnce<EventRow>(query, args)) {
        ReceivedEvent& received = events.emplace_back();
        received.id = id;
        received.received_at = timeOf(received_at);
        received.deployment = deployment;
        received.reason = std::move(reason);
        received.repeats = repeats;
        Event& event = received.event;
        event.trigger = std::move(trigger);
        event.kind = eventKind(kind);
        event.delivery = std::move(delivery);
        event.environment = std::move(environment);
        event.ref = std::move(ref);
        event.tag = std::move(tag);
        event.revision = std::move(revision);
        event.triggered_by = std::move(triggered_by);
        event.subject = std::move(subject);
        event.dry_run = dry_run != 0;
    }
    for (auto& one : events) {
        for (const auto& [deployment] : sql.ask<Number>(sql::kDeploymentsOfEvent, one.id))
            one.deployments.push_back(deployment);
        // One that found the same asked for already has none of its own.
        if (one.deployments.empty() && one.deployment != 0) one.deployments = {one.deployment};
    }
    return events;
}

std::optional<Event> readEvent(Connection& sql, EventId id) {
    const auto row = sql.askOne<Text, Text, Text, Text, Text, Text, Text, Text, Text, Text, Number,
                                Text, Text, Text, Number>(sql::kEventById, id);
    if (!row) return std::nullopt;
    const auto& [trigger, kind, delivery, body_digest, environment, ref, tag, revision, before,
                 paths, paths_complete, services, triggered_by, subject, dry_run] = *row;
    Event event;
    event.trigger = trigger;
    event.kind = eventKind(kind);
    event.delivery = delivery;
    event.body_digest = body_digest;
    event.environment = environment;
    event.ref = ref;
    event.tag = tag;
    event.revision = revision;
    event.before = before;
    event.paths = listOf(paths);
    event.paths_complete = paths_complete != 0;
    event.services = listOf(services);
    event.triggered_by = triggered_by;
    event.subject = subject;
    event.dry_run = dry_run != 0;
    return event;
}

}  // namespace iac::history

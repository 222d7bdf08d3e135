#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "model/event.hpp"
#include "model/plan.hpp"
#include "model/states.hpp"

namespace iac {

/// Why a step or a deployment failed, for the one who reads it.
struct Diagnosis {
    std::string error_kind;   ///< "missing_task": stable, lower case
    std::string summary;      ///< one sentence
    std::string next_action;  ///< what to do
    bool operator==(const Diagnosis&) const = default;
};

/// The plugin that carried out a step. All empty: none did, or the step is older than schema 4.
struct UsedPlugin {
    std::string id, version;
    std::string sha256;  ///< of its file
    bool operator==(const UsedPlugin&) const = default;
};

/// One try of a step.
struct Attempt {
    int number = 1;
    StepState state = StepState::running;  ///< how it ended; pending: interrupted
    std::optional<Time> started_at, finished_at;
    std::optional<int> exit_code;  ///< of the last program it ran; minus the signal that ended it
    bool crashed = false;  ///< interrupted, and by the end of the runner: it was not handed back
    std::string message;
};

/// One service of a deployment, carried out by one executor.
struct Step {
    StepId id = 0;
    int position = 0;  ///< from 0, in deployment order
    std::string service;
    std::string executor;  ///< the executor's name in the configuration: "invoke"
    std::string reason;    ///< why it is part of the deployment
    StepState state = StepState::pending;
    std::optional<Time> started_at, finished_at;
    std::string summary;  ///< what the executor said; when skipped: because of which step
    Diagnosis diagnosis;  ///< of a failed step
    std::string config_hash;
    UsedPlugin plugin;  ///< of the last attempt
    std::vector<Attempt> attempts;
};

/// One revision to one environment, for the services of one plan.
struct Deployment {
    DeploymentId id = 0;
    EventId event = 0;
    EventKind kind = EventKind::request;
    DeploymentState state = DeploymentState::queued;
    std::string environment, trigger, triggered_by, subject;
    std::string ref, tag;
    std::string revision;            ///< full SHA; empty until it is resolved
    std::string before;              ///< a change: the SHA before the oldest push it stands for
    std::vector<std::string> paths;  ///< a change: hints of all the pushes it stands for
    bool paths_complete = false;     ///< a change: whether `paths` is known to be all of them
    std::vector<std::string>
        taken_over;  ///< a change: revisions of the pushes it took over, as far as they are known;
                     ///< the newest of them and its own is the one that is deployed
    std::vector<std::string> services;  ///< a request: full ids; empty: all
    bool dry_run = false;
    Plan plan;  ///< the first answer until it starts, the truth from then on
    Time created_at{};
    std::optional<Time> started_at, finished_at;
    Diagnosis diagnosis;  ///< of a failed deployment
    DeploymentId superseded_by = 0, retry_of = 0, rollback_of = 0;
    std::string cancel_requested_by;  ///< who asked to cancel it while it ran; empty: nobody
    std::vector<Step> steps;          ///< filled only where the question asks for one deployment
};

/// The services that a request named and that a hold kept from being deployed.
inline std::vector<std::string> heldOf(const Deployment& deployment) {
    std::vector<std::string> held;
    if (deployment.kind != EventKind::request) return held;
    for (const SkippedService& skipped : deployment.plan.skipped)
        if (skipped.held && std::find(deployment.services.begin(), deployment.services.end(),
                                      skipped.service) != deployment.services.end())
            held.push_back(skipped.service);
    return held;
}

/// The last outcome of a target that a change would have deployed, had no hold been on it.
inline constexpr std::string_view kHeldOutcome = "held";

/// What is deployed where: a service in an environment.
struct Target {
    std::string service, environment;
    std::string last_good_revision;  ///< full SHA; empty: never deployed
    DeploymentId last_good_deployment = 0;
    std::string last_outcome;  ///< a StepState's text, or kHeldOutcome
    DeploymentId last_deployment = 0;
    std::optional<Time> updated_at;
};

/// A change that it was part of was held, or did not end well: the next one deploys it again.
inline bool isOwed(const Target& target) {
    const auto outcome = stepState(target.last_outcome);
    return !outcome || !endedWell(*outcome);
}

}  // namespace iac

// What was deployed before is asked for again: a retry, a rollback.
#include <algorithm>

#include "intake/checks.hpp"
#include "intake/intake.hpp"
#include "repository/mirror.hpp"

namespace iac::intake {
namespace {

void checkMayRetry(const std::optional<Deployment>& deployment, DeploymentId id) {
    const std::string named = "deployment " + std::to_string(id);
    if (!deployment) throw Refused(404, "there is no " + named);
    if (!isFinal(deployment->state))
        throw Refused(409, named + " is " + std::string(toText(deployment->state)) +
                               ": wait for its end, or cancel it first");
    if (deployment->state == DeploymentState::success)
        throw Refused(409, named + " succeeded: there is nothing to retry");
    if (deployment->state == DeploymentState::superseded)
        throw Refused(409, named + " was superseded by deployment " +
                               std::to_string(deployment->superseded_by) + ": retry that one");
}

bool endedBadly(const Target& target) {
    const auto outcome = stepState(target.last_outcome);
    return outcome == StepState::failed || outcome == StepState::cancelled;
}

// The deployment that made a target what it is now, for good or ill.
DeploymentId presentOf(const Target& target) {
    return endedBadly(target) ? target.last_deployment : target.last_good_deployment;
}

DeploymentId newestPresent(const std::vector<Target>& targets) {
    DeploymentId newest = 0;
    for (const Target& target : targets) newest = std::max(newest, presentOf(target));
    return newest;
}

}  // namespace

Receipt Intake::retry(DeploymentId id, const std::string& by) {
    const auto deployment = history_.deployment(id);
    checkMayRetry(deployment, id);
    Event event;
    event.trigger = kApi;
    event.kind = deployment->kind;
    event.environment = deployment->environment;
    event.ref = deployment->ref;
    event.tag = deployment->tag;
    event.revision = deployment->revision;
    event.services = deployment->services;
    event.before = deployment->before;
    event.paths = deployment->paths;
    event.subject = deployment->subject;
    event.triggered_by = masker_.mask(by);
    event.dry_run = deployment->dry_run;
    event.retry_of = id;
    event.rollback_of = deployment->rollback_of;
    // What it had taken over may be newer: then the branch says what is the newest.
    if (event.kind == EventKind::change && !deployment->taken_over.empty()) event.revision.clear();
    // One that failed before its steps is planned again; else what is missing is known by name.
    if (!deployment->steps.empty()) {
        event.kind = EventKind::request;
        event.services.clear();
        for (const Step& step : deployment->steps)
            if (!endedWell(step.state)) event.services.push_back(step.service);
        for (const auto& service : heldOf(*deployment)) event.services.push_back(service);
        event.revision = deployment->revision;
        if (event.services.empty())
            throw Refused(409, "every step of deployment " + std::to_string(id) +
                                   " ended well: there is nothing to retry");
    }
    checkEnvironment(settings_, event.environment);
    return event.kind == EventKind::change ? change(event) : request(event);
}

Receipt Intake::rollback(const Rollback& rollback) {
    checkEnvironment(settings_, rollback.environment);
    checkActor(rollback.by);
    if (rollback.reason.empty())
        throw Refused(422, "a rollback needs a reason: it stands at the hold that it places");
    const auto targets = toRollBack(rollback);
    checkNotHeld(rollback, targets);
    Event event;
    event.trigger = kApi;
    event.environment = rollback.environment;
    event.revision = rollbackRevision(rollback, targets);
    event.ref = event.revision;
    event.triggered_by = masker_.mask(rollback.by);
    event.subject = "rollback: " + masker_.mask(rollback.reason);
    event.rollback_of = newestPresent(targets);
    for (const Target& target : targets) event.services.push_back(target.service);
    std::vector<Hold> holds;
    for (const Target& target : targets) {
        Hold hold;
        hold.environment = target.environment;
        hold.service = target.service;
        hold.reason = "rolled back: " + masker_.mask(rollback.reason);
        hold.by = event.triggered_by;
        hold.rollback_of = event.rollback_of;
        holds.push_back(std::move(hold));
    }
    const Plan plan = requestPlan(event);
    return receiptOf(history_.rollBack(event, plan, holds), event);
}

std::vector<Target> Intake::toRollBack(const Rollback& rollback) {
    auto targets = history_.targets(rollback.environment);
    std::erase_if(targets, [](const Target& one) { return one.last_good_revision.empty(); });
    if (targets.empty())
        throw Refused(409, "nothing was ever deployed to " + rollback.environment +
                               ": there is nothing to roll back");
    if (rollback.services.empty()) {
        const DeploymentId newest = newestPresent(targets);
        std::erase_if(targets, [&](const Target& one) { return presentOf(one) != newest; });
        return targets;
    }
    std::vector<Target> some;
    const auto catalogue = catalogue_.latest();
    for (const std::string& asked : rollback.services) {
        std::string why;
        const auto* known =
            catalogue ? catalogue->resolve(asked, rollback.environment, why) : nullptr;
        const std::string id = known != nullptr ? known->id : asked;
        const auto found = std::ranges::find(targets, id, &Target::service);
        if (found == targets.end())
            throw Refused(422, "\"" + asked + "\" was never deployed to " + rollback.environment);
        some.push_back(*found);
    }
    return some;
}

// A person's hold stands for everybody; one that an earlier rollback or a freeze placed is no
// reason not to take a change back.
void Intake::checkNotHeld(const Rollback& rollback, const std::vector<Target>& targets) {
    const auto holds = history_.holds();
    for (const Hold& hold : *holds)
        for (const Target& target : targets)
            if (hold.isOpen(clock_.now()) && hold.rollback_of == 0 && hold.by != kFreeze &&
                hold.covers(rollback.environment, target.service))
                throw Refused(409, target.service + " is " + describe(hold) + "; release hold " +
                                       std::to_string(hold.id) + " first");
}

// What failed goes back to where it was good last; what did well, to what was good before that. The
// newest of these is right for all of them, as long as none of them was changed by it.
std::string Intake::rollbackRevision(const Rollback& rollback, const std::vector<Target>& targets) {
    if (!rollback.to.empty()) {
        if (!repository::isValidRef(rollback.to))
            throw Refused(400, "\"" + rollback.to +
                                   "\" is no valid name of a branch or tag, and no full SHA");
        const auto found = lookups_.revision_of ? lookups_.revision_of(rollback.to) : std::nullopt;
        if (!found) throw Refused(422, repository::noSuchRef(rollback.to));
        return *found;
    }
    std::optional<Target> newest;
    for (const Target& target : targets) {
        auto before = endedBadly(target) ? std::optional(target) : history_.goodBefore(target);
        if (before && (!newest || before->last_good_deployment > newest->last_good_deployment))
            newest = std::move(before);
    }
    if (!newest)
        throw Refused(409,
                      "there is no good revision before the present one: name one with \"to\"");
    for (const Target& target : targets)
        if (newest->last_good_deployment >= presentOf(target))
            throw Refused(409, "these services were not deployed together: " + target.service +
                                   " would stay as it is; roll them back one by one, or name a "
                                   "revision with \"to\"");
    return newest->last_good_revision;
}

}  // namespace iac::intake

#include "notify/verdict.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/wildcard.hpp"
#include "notify/routing.hpp"

namespace iac::notify {
namespace {

using Is = Verdict::Is;

bool hasFailed(const Step& step) {
    return step.state == StepState::failed;
}

// What a deployment is about: its steps; before there are any, what is planned or was asked for.
std::vector<std::string> servicesOf(const Deployment& deployment) {
    std::vector<std::string> services;
    for (const auto& step : deployment.steps) services.push_back(step.service);
    if (!services.empty()) return services;
    for (const auto& planned : deployment.plan.services) services.push_back(planned.service);
    return services.empty() ? deployment.services : services;
}

// A deployment that never came to know its services may have been about any of them.
bool haveServicesInCommon(const Deployment& one, const Deployment& other) {
    const auto these = servicesOf(one), those = servicesOf(other);
    return these.empty() || those.empty() ||
           std::ranges::find_first_of(these, those) != these.end();
}

bool isMeantByAny(const config::NotifierUse& use, const std::string& service) {
    return use.services.empty() || std::ranges::any_of(use.services, [&](const auto& pattern) {
               return isMeant(pattern, service);
           });
}

bool isAboutService(const config::NotifierUse& use, const Deployment& deployment) {
    const auto services = servicesOf(deployment);
    if (services.empty())
        return use.services.empty() || deployment.state == DeploymentState::failed;
    return std::ranges::any_of(services,
                               [&](const auto& service) { return isMeantByAny(use, service); });
}

const Step* before(const Circumstances& c, const Step& step) {
    const auto found = std::ranges::find(c.steps_before, step.service, &Step::service);
    return found == c.steps_before.end() ? nullptr : &*found;
}

bool failedBefore(const Circumstances& c, const Step& step) {
    const Step* earlier = before(c, step);
    return earlier != nullptr && hasFailed(*earlier);
}

bool isEnd(const Circumstances& c, DeploymentState state) {
    return c.message.event == kFinished && c.deployment.state == state;
}

// It failed as a whole: before its steps, or between them.
bool failedWithoutStep(const std::optional<Deployment>& deployment) {
    return deployment && deployment->state == DeploymentState::failed &&
           std::ranges::none_of(deployment->steps, hasFailed);
}

// ---- The questions of the rules

bool isOvertaken(const Circumstances& c) {
    return c.message.event == kStep && c.later_waits;
}

bool isShown(const Circumstances& c) {
    return !c.message.memory.empty();
}

bool isOfAnotherTrigger(const Circumstances& c) {
    return !letsThrough(c.use.triggers, c.deployment.trigger);
}

bool isOfSomebodyElse(const Circumstances& c) {
    return !letsThrough(c.use.triggered_by, c.deployment.triggered_by);
}

bool isOfOtherServices(const Circumstances& c) {
    return !isAboutService(c.use, c.deployment);
}

bool isSuperseded(const Circumstances& c) {
    return c.deployment.state == DeploymentState::superseded;
}

// Who hears only of failures, or only of successes, is not shown the way to all of them.
bool isBeforeAnEndThatMayNotBeTold(const Circumstances& c) {
    return c.message.event != kFinished &&
           (!letsThrough(c.use.states, "success") || !letsThrough(c.use.states, "failed"));
}

bool isRecovery(const Circumstances& c) {
    if (!isEnd(c, DeploymentState::success) || c.deployment.dry_run) return false;
    if (!letsThrough(c.use.states, "failed") && !letsThrough(c.use.states, "success")) return false;
    return std::ranges::any_of(
               c.deployment.steps,
               [&](const Step& step) { return endedWell(step.state) && failedBefore(c, step); }) ||
           (failedWithoutStep(c.before) && haveServicesInCommon(*c.before, c.deployment));
}

bool isShownRecovery(const Circumstances& c) {
    return isShown(c) && isRecovery(c);
}

bool isAnotherEnd(const Circumstances& c) {
    return c.message.event == kFinished && !letsThrough(c.use.states, toText(c.deployment.state));
}

bool isUnchanged(const Circumstances& c) {
    return !c.use.unchanged && isEnd(c, DeploymentState::success) &&
           std::ranges::none_of(c.deployment.steps,
                                [](const Step& step) { return step.state == StepState::changed; });
}

// Whether the notifier was told of the failure before, or was not because it was the same then too.
// Once too often is better than never.
bool heardOfBefore(const Circumstances& c) {
    return c.before && c.heard_of_before && letsThrough(c.use.triggers, c.before->trigger) &&
           letsThrough(c.use.triggered_by, c.before->triggered_by) &&
           (isAboutService(c.use, *c.before) ||
            std::ranges::any_of(c.deployment.steps, [&](const Step& step) {
                return hasFailed(step) && isMeantByAny(c.use, step.service);
            }));
}

bool failedInTheSameSteps(const Circumstances& c) {
    return std::ranges::all_of(c.deployment.steps, [&](const Step& step) {
        if (!hasFailed(step)) return !(endedWell(step.state) && failedBefore(c, step));
        const Step* earlier = before(c, step);
        return earlier != nullptr && hasFailed(*earlier) &&
               earlier->diagnosis.error_kind == step.diagnosis.error_kind;
    });
}

bool isSameFailure(const Circumstances& c) {
    if (c.use.repeats || !isEnd(c, DeploymentState::failed) || c.deployment.dry_run) return false;
    if (!heardOfBefore(c)) return false;
    if (!failedWithoutStep(c.deployment)) return failedInTheSameSteps(c);
    return failedWithoutStep(c.before) &&
           c.before->diagnosis.error_kind == c.deployment.diagnosis.error_kind &&
           haveServicesInCommon(*c.before, c.deployment);
}

struct Rule {
    bool (*applies)(const Circumstances&);
    Verdict verdict;
};

// What is shown already has to be brought to its end, so nothing of it is dropped; then what the
// notifier is not there for; then what would be noise.
constexpr std::array kRules{
    Rule{isOvertaken, {Is::drop, "a later message says the same and more"}},
    Rule{isShownRecovery, {Is::tell_recovered, "it is shown already, and a failure is over"}},
    Rule{isShown, {Is::tell, "it is shown already"}},
    Rule{isSuperseded, {Is::drop, "a newer deployment stands for it"}},
    Rule{isOfAnotherTrigger, {Is::drop, "its trigger is not one of when.trigger"}},
    Rule{isOfSomebodyElse, {Is::drop, "who triggered it is not one of when.triggered_by"}},
    Rule{isOfOtherServices, {Is::drop, "no service of it is one of when.service"}},
    Rule{isBeforeAnEndThatMayNotBeTold, {Is::drop, "its end may not be one of when.status"}},
    Rule{isRecovery, {Is::tell_recovered, "a failure is over"}},
    Rule{isAnotherEnd, {Is::drop, "how it ended is not one of when.status"}},
    Rule{isUnchanged, {Is::drop, "nothing was changed"}},
    Rule{isSameFailure, {Is::drop, "it is the same failure as the one before"}},
};

}  // namespace

Verdict judge(const Circumstances& circumstances) {
    for (const auto& rule : kRules)
        if (rule.applies(circumstances)) return rule.verdict;
    return {Is::tell, "nothing speaks against it"};
}

bool isMeant(const std::string& pattern, const std::string& service) {
    const bool short_name = pattern.find('/') == std::string::npos;
    const std::string name = short_name ? service.substr(service.rfind('/') + 1) : service;
    return matchesWildcard(pattern, name);
}

}  // namespace iac::notify

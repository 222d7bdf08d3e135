#include "upkeep/reconcile.hpp"

#include <algorithm>

#include "intake/checks.hpp"
#include "planning/permission.hpp"

namespace iac::upkeep {
namespace {

bool isOpenChange(history::History& history, const std::string& environment) {
    for (const auto state : {DeploymentState::queued, DeploymentState::running}) {
        history::DeploymentQuery query;
        query.environment = environment;
        query.state = state;
        const auto open = history.deployments(query);
        if (std::ranges::any_of(open, [](const Deployment& one) {
                return one.kind == EventKind::change && !one.dry_run;
            }))
            return true;
    }
    return false;
}

}  // namespace

std::optional<Event> missedChange(const config::Environment& environment, const std::string& branch,
                                  engine::Preview& preview, history::History& history, Time now,
                                  const Cancellation& cancel) {
    if (isOpenChange(history, environment.name)) return std::nullopt;
    engine::PlanQuestion question;
    question.environment = environment.name;
    question.ref = branch;
    const auto answer = preview.answer(question, cancel);
    const auto plan = planning::withoutHeld(answer.plan, *history.holds(), environment.name, now);
    const auto targets = history.targets(environment.name);
    const auto wasTried = [&](const PlannedService& planned) {
        const auto target = std::ranges::find(targets, planned.service, &Target::service);
        if (target == targets.end() || target->last_outcome == kHeldOutcome) return false;
        const auto last = history.deployment(target->last_deployment);
        return last && last->revision == answer.revision;
    };
    if (std::ranges::all_of(plan.services, wasTried)) return std::nullopt;
    if (!answer.refused.empty()) return std::nullopt;
    Event event;
    event.trigger = intake::kReconcile;
    event.kind = EventKind::change;
    event.environment = environment.name;
    event.ref = branch;
    event.revision = answer.revision;
    event.triggered_by = "iac-runner";
    event.subject = "what was missed";
    return event;
}

}  // namespace iac::upkeep

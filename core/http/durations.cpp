#include "http/durations.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace iac::http {
namespace {

/// From a step with nothing to do to a deployment of an hour.
const prometheus::Histogram::BucketBoundaries kSecondsBuckets{0.1, 0.5, 1,   5,   15,    30,
                                                              60,  120, 300, 600, 1'800, 3'600};

/// A clock that was set back makes no sum go down.
double seconds(Time from, Time to) {
    return std::max(0.0, std::chrono::duration<double>(to - from).count());
}

}  // namespace

Durations::Durations(history::History& history)
    : history_(history),
      steps_(prometheus::BuildHistogram()
                 .Name("iac_runner_step_seconds")
                 .Help("How long the steps took that ran and ended since the start, with their "
                       "retries, by executor and status.")
                 .Register(registry_)),
      deployments_(prometheus::BuildHistogram()
                       .Name("iac_runner_deployment_seconds")
                       .Help("How long the deployments took that ran and ended since the start, "
                             "without the time that they waited, by environment and status.")
                       .Register(registry_)) {
    auto counted = counted_.lock();
    counted->from = history_.ended(0).first_open;
    const auto ended_before = [](const auto&) {};
    walk(*counted, ended_before, ended_before);
}

std::vector<prometheus::MetricFamily> Durations::collect() {
    auto counted = counted_.lock();
    walk(
        *counted,
        [this](const history::EndedStep& step) {
            steps_
                .Add({{"executor", step.executor}, {"status", std::string(toText(step.state))}},
                     kSecondsBuckets)
                .Observe(seconds(step.started_at, step.finished_at));
        },
        [this](const history::EndedDeployment& deployment) {
            deployments_
                .Add({{"environment", deployment.environment},
                      {"status", std::string(toText(deployment.state))}},
                     kSecondsBuckets)
                .Observe(seconds(deployment.started_at, deployment.finished_at));
        });
    return registry_.Collect();
}

template <class OnStep, class OnDeployment>
void Durations::walk(Counted& counted, OnStep onStep, OnDeployment onDeployment) {
    auto page = history_.ended(counted.from);
    const DeploymentId first_open = page.first_open;
    for (;;) {
        for (const auto& step : page.steps)
            if (counted.ends.emplace(step.deployment, step.id, step.finished_at).second)
                onStep(step);
        for (const auto& deployment : page.deployments)
            if (counted.ends.emplace(deployment.id, 0, deployment.finished_at).second)
                onDeployment(deployment);
        if (page.next == 0) break;
        page = history_.ended(page.next);
    }
    // Of these nothing comes any more.
    counted.ends.erase(counted.ends.begin(), counted.ends.lower_bound(End{first_open, 0, Time{}}));
    counted.from = first_open;
}

}  // namespace iac::http

#pragma once

#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <set>
#include <tuple>
#include <vector>

#include "base/guarded.hpp"
#include "history/history.hpp"

namespace iac::http {

/// How long steps and deployments took that ended since this was made, for GET /metrics. Read from
/// the history when somebody asks, so that nothing is done for it where nobody does. [any-thread]
class Durations {
public:
    /// The history has to outlive it. Throws history::Unavailable.
    explicit Durations(history::History& history);
    /// Counts what has ended since it was asked last. Throws history::Unavailable; then what was
    /// not counted is counted the next time.
    std::vector<prometheus::MetricFamily> collect();

private:
    /// What ended: a deployment, a step of it (0: itself) and its time. A step that a crash made
    /// run again ends twice.
    using End = std::tuple<DeploymentId, StepId, Time>;
    /// What was counted of the deployments that may still end. Those below `from` are done with:
    /// it holds no more than what ended beside the oldest deployment that has not.
    struct Counted {
        DeploymentId from = 0;
        std::set<End> ends;
    };
    template <class OnStep, class OnDeployment>
    void walk(Counted& counted, OnStep onStep, OnDeployment onDeployment);

    history::History& history_;
    prometheus::Registry registry_;
    prometheus::Family<prometheus::Histogram>& steps_;
    prometheus::Family<prometheus::Histogram>& deployments_;
    Guarded<Counted> counted_;
};

}  // namespace iac::http

#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/durations.hpp"
#include "http/request.hpp"

namespace iac::http {

/// What is counted while the server runs, for GET /metrics. [any-thread]
class Metrics {
public:
    Metrics();

    /// A request was answered. What is not a route of ours is counted as one: nobody can make the
    /// list grow.
    void answered(const Request& request, int status);
    /// What ends in the history from here on is counted. The first call counts, others change
    /// nothing. The history has to outlive this. Throws history::Unavailable.
    void watch(history::History& history);
    /// Throws history::Unavailable.
    std::vector<prometheus::MetricFamily> collect();

private:
    prometheus::Registry registry_;
    prometheus::Family<prometheus::Counter>& requests_;
    std::once_flag watching_;
    std::optional<Durations> durations_;
};

}  // namespace iac::http

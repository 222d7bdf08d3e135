#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <string>
#include <vector>

#include "http/durations.hpp"
#include "http/request.hpp"

namespace iac::http {

/// What is counted while the server runs, for GET /metrics. [any-thread]
class Metrics {
public:
    /// Counts what ends in the history from here on; it has to outlive this. Throws
    /// history::Unavailable.
    explicit Metrics(history::History& history);

    /// A request was answered. What is not a route of ours is counted as one: nobody can make the
    /// list grow.
    void answered(const Request& request, int status);
    /// Throws history::Unavailable.
    std::vector<prometheus::MetricFamily> collect();

private:
    prometheus::Registry registry_;
    prometheus::Family<prometheus::Counter>& requests_;
    Durations durations_;
};

}  // namespace iac::http

#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <string>

#include "http/request.hpp"

namespace iac::http {

/// What is counted while the server runs, for GET /metrics. [any-thread]
class Metrics {
public:
    Metrics();

    /// A request was answered. What is not a route of ours is counted as one: nobody can make the
    /// list grow.
    void answered(const Request& request, int status);
    std::vector<prometheus::MetricFamily> collect() const { return registry_.Collect(); }

private:
    prometheus::Registry registry_;
    prometheus::Family<prometheus::Counter>& requests_;
};

}  // namespace iac::http

#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <string>
#include <string_view>
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
    /// A trigger of the configuration got a webhook. `verdict`: one of RequestLog::Webhook.
    void webhookReceived(std::string_view trigger, std::string_view verdict);
    /// A signature or token was wrong, on the routes of a trigger or of the "api".
    void signatureRejected(std::string_view trigger);
    /// Throws history::Unavailable.
    std::vector<prometheus::MetricFamily> collect();

private:
    prometheus::Registry registry_;
    prometheus::Family<prometheus::Counter>& requests_;
    prometheus::Family<prometheus::Counter>& webhooks_;
    prometheus::Family<prometheus::Counter>& rejected_;
    Durations durations_;
};

}  // namespace iac::http

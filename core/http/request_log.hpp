#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/guarded.hpp"
#include "http/connections.hpp"
#include "http/metrics.hpp"
#include "http/request.hpp"

namespace iac::http {

/// How many lines of one kind are logged: at most so many at once, and then so many each second.
/// Thread-safe.
class LineLimit {
public:
    static constexpr double kAtOnce = 20, kPerSecond = 2;

    /// How many lines were left out since the last one; -1: this one is left out, too.
    std::int64_t take(Steady::time_point now);

private:
    struct State {
        double left = kAtOnce;
        Steady::time_point at{};
        std::int64_t left_out = 0;
    };
    Guarded<State> state_;
};

/// One line in the log for each webhook that came in and for each request whose credentials are
/// wrong, and a count of both for GET /metrics. What comes too fast is only counted. Thread-safe.
class RequestLog {
public:
    explicit RequestLog(Metrics& metrics) : metrics_(metrics) {}

    /// A webhook was received. `verdict`: accepted, duplicate, no_changes, ignored, rejected,
    /// answered.
    struct Webhook {
        std::string_view trigger, delivery, event, verdict, reason;
        std::int64_t deployment = 0;  ///< 0: none
    };
    void received(const Request& request, const Webhook& webhook);
    /// A signature or token was wrong. `trigger`: empty on the routes of the runner itself.
    void rejected(const Request& request, std::string_view trigger, std::string_view reason);

private:
    Metrics& metrics_;
    LineLimit received_, rejected_;
};

}  // namespace iac::http

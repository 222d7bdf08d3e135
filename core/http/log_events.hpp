#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/answer.hpp"
#include "http/connections.hpp"
#include "http/log_walk.hpp"

namespace iac::http {

/// The log as server-sent events: `log` with what was printed, `state` with how the deployment and
/// its steps are now, `end`. The id of a `log` event is the place behind it: whoever comes back
/// with it as Last-Event-ID misses nothing, and gets nothing twice.
class LogEvents final : public LogListener {
public:
    /// The id of the last event. Whoever comes back with it has seen everything.
    static constexpr std::string_view kEnd = "end";
    /// Something is sent at least this often, so that nobody between takes the stream for dead.
    static constexpr std::chrono::seconds kHeartbeat{10};

    explicit LogEvents(BodyStream& out) : out_(out) {}

    /// Where an id says; empty: it is none of ours.
    static std::optional<LogPlace> placeOf(std::string_view id);

    bool attemptBegins(const Step&, const Attempt&) override { return true; }
    bool output(const LogPiece& piece, std::uint64_t& taken) override;
    bool attemptEnds() override { return true; }
    bool endedUntried(const Step&) override { return true; }

    /// Sends how the deployment is, when that is not what was sent the last time.
    bool state(const Deployment& deployment, const LogWalk& walk);
    bool heartbeat();
    bool end(const Deployment& deployment);
    /// Whoever comes back is answered with 401.
    bool revoked() { return send(": the token was revoked\n\n"); }

private:
    bool send(std::string_view text);

    BodyStream& out_;
    std::string last_state_;
    Steady::time_point sent_ = Steady::now();
};

}  // namespace iac::http

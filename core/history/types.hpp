#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "model/deployment.hpp"
#include "model/event.hpp"
#include "model/hold.hpp"
#include "model/plan.hpp"

namespace iac::history {

/// The database cannot take or give anything now (full, locked, gone). The caller answers 503.
class Unavailable : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Too many deployments wait already (Limits::waiting). The caller answers 503 with Retry-After.
class QueueFull : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A nonce that was used before and has not expired: whoever sent it is refused.
class NonceUsed : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A move that the table of moves does not have, or of a row that is not in the state it should be
/// in.
class WrongState : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Limits {
    std::size_t waiting = 100'000;    ///< deployments that wait; one more is QueueFull
    std::size_t page = 500;           ///< rows of one page of a query
    Duration reader_deadline{5'000};  ///< a query that takes longer is interrupted: Unavailable
    Duration same_push_window{
        10'000};  ///< the same body again within it, under another id, is one event
    std::size_t paths_per_deployment =
        10'000;  ///< hints kept when pushes merge; more: paths are dropped, git tells
    std::size_t revisions_per_deployment =
        100;  ///< of the pushes that were taken over; more: the latest are kept
};

/// What makes a signed request one that counts only once.
struct Nonce {
    std::string text;
    Time expires{};
};

/// What became of an event that was offered.
struct Admission {
    EventId event = 0;            ///< its row
    DeploymentId deployment = 0;  ///< the deployment that stands for it; 0: none
    bool duplicate = false;       ///< the deployment existed already
    DeploymentId superseded = 0;  ///< the waiting deployment that was taken over; 0: none
    Plan plan;                    ///< the first answer of `deployment`, with what it took over
};

/// How to read a list of deployments: all filters are combined, empty ones do not filter. `service`
/// finds deployments that have a step for it: those that wait have none before setPlan().
struct DeploymentQuery {
    std::string environment, service, trigger, triggered_by, ref, revision;
    std::optional<DeploymentState> state;
    std::optional<Time> since, until;  ///< of created_at; since inclusive, until exclusive
    std::size_t limit = 50;            ///< at most Limits::page
    DeploymentId before = 0;           ///< only ids below it; 0: from the newest
};

/// How to read the list of events: all filters are combined, empty ones do not filter.
struct EventQuery {
    std::string environment, trigger, delivery, triggered_by;
    std::optional<Time> since, until;  ///< of received_at; since inclusive, until exclusive
    std::size_t limit = 50;            ///< at most Limits::page
    EventId before = 0;                ///< only ids below it; 0: from the newest
};

/// An event, and what became of it.
struct ReceivedEvent {
    EventId id = 0;
    Time received_at{};
    Event event;
    DeploymentId deployment = 0;  ///< 0: it started nothing, for `reason`
    /// All that it led to, oldest first: a redelivery starts another one where the last one failed.
    std::vector<DeploymentId> deployments;
    std::string reason;
    std::int64_t repeats = 0;  ///< how often the same body came again, and was ignored again
};

/// The moves of a deployment that notifiers may be told of.
inline constexpr std::string_view kQueued = "deployment.queued";
inline constexpr std::string_view kStarted = "deployment.started";
inline constexpr std::string_view kStep = "deployment.step";
inline constexpr std::string_view kFinished = "deployment.finished";

/// Which notifiers are told of a move in an environment, by their names. Asked within the
/// transaction of the move: it answers from memory.
using Subscribers =
    std::function<std::vector<std::string>(std::string_view event, std::string_view environment)>;

/// A message to one notifier, written in the transaction of the move that it announces.
struct OutboxMessage {
    std::int64_t id = 0;
    DeploymentId deployment = 0;
    std::string notifier;  ///< its name in the configuration
    std::string event;     ///< "deployment.finished"
    int attempts = 0;      ///< deliveries tried so far
    Time created_at{};
    std::string memory;  ///< what the notifier gave to remember at its last message of the
                         ///< deployment
};

/// What became of a message, for those who look at a deployment.
struct Notification {
    std::string notifier, event;
    std::string state;  ///< "waiting", "delivered" or "given_up"
    int attempts = 0;
    std::optional<Time> delivered_at;
    std::string reason;  ///< why it was not delivered the last time
};

/// A bearer token: only the SHA-256 of its text is kept.
struct Token {
    std::int64_t id = 0;
    std::string name;  ///< of one token that is not revoked
    std::string role;  ///< "read", "deploy", "admin"
    std::string created_by;
    Time created_at{};
    std::optional<Time> revoked_at;
};

/// What went from the history.
struct Pruned {
    std::vector<DeploymentId> deployments;  ///< their logs may go too
    std::size_t events = 0;
    std::size_t holds = 0;   ///< that had ended
    std::size_t tokens = 0;  ///< that were revoked
    bool nothing() const { return deployments.empty() && events == 0 && holds == 0 && tokens == 0; }
};

/// What may go from the history. Zero: no limit of that kind.
struct Retention {
    Duration deployments{0};           ///< older ones go, and what has ended for as long: holds
                                       ///< that were released, tokens that were revoked
    std::size_t most_deployments = 0;  ///< the oldest beyond that many go
    Duration events{0};  ///< older ones go; for as long a delivery is known to be seen before
};

/// How one attempt of a step ended.
struct AttemptEnd {
    StepState state =
        StepState::failed;  ///< changed, unchanged, failed, cancelled; pending: interrupted
    std::optional<int> exit_code;
    std::string message;
};

/// How a step ended.
struct StepEnd {
    StepState state = StepState::failed;
    std::string summary;
    Diagnosis diagnosis;
    std::string config_hash;
};

/// How a deployment ended.
struct DeploymentEnd {
    DeploymentState state = DeploymentState::failed;
    Diagnosis diagnosis;
    /// Its commit is not in the repository: what the pushes asked for that it took over is queued
    /// again, as a change to the head of its branch.
    bool gives_back = false;
};

}  // namespace iac::history

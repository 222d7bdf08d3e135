#include "history/admission.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/log.hpp"
#include "history/json.hpp"
#include "history/outbox.hpp"
#include "history/records.hpp"
#include "history/statements.hpp"
#include "history/takeover.hpp"

namespace iac::history {
namespace {

struct Seen {
    EventId event = 0;
    DeploymentId deployment = 0;
    bool same_delivery = false;
};

std::optional<Seen> seenBefore(Transaction& transaction, const Event& event) {
    using Number = std::int64_t;
    if (!event.delivery.empty()) {
        if (const auto row = transaction.sql.askOne<Number, Number, std::string>(
                sql::kEventByDelivery, event.trigger, event.delivery, event.body_digest)) {
            const auto& [id, deployment, digest] = *row;
            if (digest == event.body_digest) return Seen{id, deployment, true};
            // The id is not signed: with another body it proves nothing.
            log::warning("history", "delivery \"" + event.delivery +
                                        "\" came again with another body than event " +
                                        std::to_string(id) + "; it counts as a new event");
        }
    }
    // Without a revision it means "whatever is newest": the same words may ask for another commit.
    if (event.kind == EventKind::change && !event.body_digest.empty() && !event.revision.empty()) {
        const Time since = transaction.now - transaction.limits.same_push_window;
        if (const auto row = transaction.sql.askOne<Number, Number>(
                sql::kChangeByDigest, event.trigger, event.body_digest, since))
            return Seen{std::get<0>(*row), std::get<1>(*row), false};
    }
    return std::nullopt;
}

// An event of the same body that was ignored within a day. 0: none.
EventId ignoredBefore(Transaction& transaction, const Event& event) {
    constexpr std::chrono::hours kWindow{24};
    if (event.body_digest.empty()) return 0;
    const Time since = transaction.now - kWindow;
    const auto row = transaction.sql.askOne<std::int64_t>(sql::kIgnoredByDigest, event.trigger,
                                                          event.body_digest, since);
    return row ? std::get<0>(*row) : 0;
}

struct Standing {
    DeploymentId id = 0;
    DeploymentState state = DeploymentState::queued;
    Plan plan;
};

// Whatever took it over stands for it.
std::optional<Standing> standingFor(Transaction& transaction, DeploymentId id) {
    while (id != 0) {
        const auto row =
            transaction.sql.askOne<std::string, std::int64_t, std::string>(sql::kStanding, id);
        if (!row) break;
        const auto& [text, successor, plan] = *row;
        const auto state = deploymentState(text).value_or(DeploymentState::failed);
        if (state != DeploymentState::superseded) return Standing{id, state, planOf(plan)};
        id = successor;
    }
    return std::nullopt;
}

std::vector<std::string> sorted(std::vector<std::string> services) {
    std::ranges::sort(services);
    services.erase(std::unique(services.begin(), services.end()), services.end());
    return services;
}

// Equal for requests that ask for the same. Empty for a change: those are merged instead.
std::string openKey(const Event& event) {
    if (event.kind == EventKind::change) return {};
    return listJson({event.environment, event.ref, event.tag, event.revision,
                     event.dry_run ? std::string("dry") : std::string(),
                     event.rollback_of != 0 ? "back from " + std::to_string(event.rollback_of)
                                            : std::string()}) +
           listJson(sorted(event.services));
}

EventId insertEvent(Transaction& transaction, const Event& event, DeploymentId deployment,
                    std::string_view reason) {
    const EventId id = ++transaction.counters.event;
    transaction.sql.run(sql::kInsertEvent, id, transaction.now, event.trigger, toText(event.kind),
                        event.delivery, event.body_digest, event.environment, event.ref, event.tag,
                        event.revision, event.before, listJson(event.paths), event.paths_complete,
                        listJson(sorted(event.services)), event.triggered_by, event.subject,
                        event.dry_run, deployment, reason);
    return id;
}

// Writes down what became of an event: a new row, or a new answer in the row of a redelivery.
EventId answerEvent(Transaction& transaction, const Event& event, const std::optional<Seen>& seen,
                    DeploymentId deployment, std::string_view reason) {
    if (!seen || !seen->same_delivery) return insertEvent(transaction, event, deployment, reason);
    transaction.sql.run(sql::kAnswerEvent, deployment, reason, seen->event);
    return seen->event;
}

Admission duplicateOf(EventId event, const Standing& standing) {
    return {event, standing.id, true, 0, standing.plan};
}

// Takes over every change that waits in the environment, and remembers the newest of them.
Wanted takeOverWaiting(Transaction& transaction, const Event& event, const Plan& plan,
                       DeploymentId id, DeploymentId& superseded) {
    Wanted newer{event.revision, event.before, {}, event.paths, event.paths_complete, plan};
    if (event.kind != EventKind::change) return newer;
    std::optional<Wanted> older;
    for (auto& waiting : waitingChanges(transaction, event.environment, event.dry_run)) {
        older = older ? takeOver(std::move(*older), std::move(waiting.wanted), transaction.limits)
                      : std::move(waiting.wanted);
        superseded = waiting.id;
        supersede(transaction, waiting.id, id, event.environment);
        --transaction.counters.waiting;
    }
    return takeOver(older ? std::move(*older) : Wanted{{}, event.before, {}, {}, true, {}},
                    std::move(newer), transaction.limits);
}

// The answer to an event that was seen before; empty: it is to be tried (again).
std::optional<Admission> answerAgain(Transaction& transaction, const Event& event, const Seen& seen,
                                     bool deploy) {
    const auto standing = standingFor(transaction, seen.deployment);
    const bool failed = standing && (standing->state == DeploymentState::failed ||
                                     standing->state == DeploymentState::cancelled);
    if (deploy && (!standing || failed)) return std::nullopt;
    const EventId row = seen.same_delivery
                            ? seen.event
                            : insertEvent(transaction, event, seen.deployment,
                                          "the same push as event " + std::to_string(seen.event));
    if (!standing) return Admission{row, 0, false, 0, {}};
    return duplicateOf(row, *standing);
}

// A branch or tag may have moved since an open twin found its revision: that one is no answer to
// who asks now.
std::optional<Standing> openTwin(Transaction& transaction, const Event& event,
                                 const std::string& key) {
    if (key.empty()) return std::nullopt;
    for (const auto& [id, state, revision] :
         transaction.sql.ask<std::int64_t, std::string, std::string>(sql::kOpenTwin, key)) {
        const bool known = !event.revision.empty() || state == toText(DeploymentState::queued);
        if (isFullSha(event.ref) || (known && revision == event.revision))
            return standingFor(transaction, id);
    }
    return std::nullopt;
}

Admission admitUpTo(std::int64_t most, Transaction& transaction, const Event& event,
                    const std::optional<Plan>& deploy, std::string_view reason,
                    const std::optional<Nonce>& nonce) {
    if (nonce && !useNonce(transaction, nonce->text, nonce->expires))
        throw NonceUsed("The nonce of the request was used before.");
    const auto seen = seenBefore(transaction, event);
    // Whoever saw a signed request can send it again and again, under other delivery ids: what
    // leads to nothing must not fill the history.
    if (!deploy && !(seen && seen->same_delivery)) {
        if (const auto same = ignoredBefore(transaction, event); same != 0) {
            transaction.sql.run(sql::kCountRepeat, same);
            return {same, 0, false, 0, {}};
        }
    }
    if (seen) {
        if (auto answer = answerAgain(transaction, event, *seen, deploy.has_value()))
            return *std::move(answer);
    }
    if (!deploy) return {answerEvent(transaction, event, seen, 0, reason), 0, false, 0, {}};

    const std::string key = openKey(event);
    if (const auto twin = openTwin(transaction, event, key))
        return duplicateOf(answerEvent(transaction, event, seen, twin->id, "the same request"),
                           *twin);

    Admission result;
    result.deployment = ++transaction.counters.deployment;
    const Wanted wanted =
        takeOverWaiting(transaction, event, *deploy, result.deployment, result.superseded);
    if (++transaction.counters.waiting > most)
        throw QueueFull("Too many deployments wait already (" + std::to_string(most) +
                        "); try again later.");
    ++transaction.counters.queued;
    result.event = answerEvent(transaction, event, seen, result.deployment, reason);
    transaction.sql.run(sql::kInsertDeployment, result.deployment, result.event, toText(event.kind),
                        event.environment, event.trigger, event.triggered_by, event.subject,
                        event.ref, event.tag, event.revision, wanted.before, listJson(wanted.paths),
                        wanted.paths_complete, listJson(wanted.taken_over),
                        listJson(sorted(event.services)), event.dry_run, planJson(wanted.plan),
                        transaction.now, key, event.retry_of, event.rollback_of);
    announce(transaction, result.deployment, kQueued, event.environment);
    result.plan = wanted.plan;
    return result;
}

}  // namespace

Admission admit(Transaction& transaction, const Event& event, const std::optional<Plan>& deploy,
                std::string_view reason, const std::optional<Nonce>& nonce) {
    return admitUpTo(static_cast<std::int64_t>(transaction.limits.waiting), transaction, event,
                     deploy, reason, nonce);
}

Admission admitCatchUp(Transaction& transaction, const Event& event, std::string_view reason) {
    return admitUpTo(std::numeric_limits<std::int64_t>::max(), transaction, event, Plan{}, reason,
                     {});
}

bool useNonce(Transaction& transaction, std::string_view nonce, Time expires) {
    transaction.sql.run(sql::kPruneNonces, transaction.now);
    return transaction.sql.run(sql::kInsertNonce, nonce, expires) == 1;
}

}  // namespace iac::history

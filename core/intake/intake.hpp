#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/masker.hpp"
#include "config/settings.hpp"
#include "history/history.hpp"
#include "model/event.hpp"
#include "planning/catalogue.hpp"
#include "planning/planner.hpp"

namespace iac::intake {

/// An event that is understood and cannot be answered with a deployment: unknown environment,
/// unknown service, a ref that does not exist. Nothing was written. `status` is the HTTP status,
/// what() the sentence.
class Refused : public std::runtime_error {
public:
    Refused(int status, const std::string& sentence)
        : std::runtime_error(sentence), status_(status) {}
    int status() const noexcept { return status_; }

private:
    int status_;
};

/// What became of an event. When this is returned, it is on disk.
struct Receipt {
    EventId event = 0;
    DeploymentId deployment = 0;  ///< 0: nothing is to be deployed
    bool duplicate = false;       ///< that deployment existed already
    std::string environment;
    std::string revision;                ///< full SHA where known already
    Plan plan;                           ///< the first answer
    std::string ref, tag, triggered_by;  ///< as the event says
};

/// What became of an event, as it was admitted.
Receipt receiptOf(history::Admission admission, const Event& event);

/// What is to be taken back.
struct Rollback {
    std::string environment;
    std::vector<std::string>
        services;        ///< ids or short names; empty: all that the last one changed
    std::string to;      ///< a ref; empty: the last good revision before the present one
    std::string reason;  ///< not empty: it stands at the hold
    std::string by;
};

/// What intake asks of the repository before it accepts a request; none of them may take long, for
/// somebody waits for the answer. Each may be empty, and may throw repository::AmbiguousRef.
struct Lookups {
    /// Whether a ref exists. Empty answer: it cannot be known now.
    std::function<std::optional<bool>(std::string_view ref)> ref_exists;
    /// The full SHA of a ref. Empty answer: it cannot be known now.
    std::function<std::optional<std::string>(std::string_view ref)> revision_of;
    /// The services at a ref: asked when a request names one that the newest catalogue does not
    /// have. Null: it cannot be known now.
    std::function<std::shared_ptr<const planning::Catalogue>(std::string_view ref)> catalogue_at;
};

/// An event becomes a plan and a queued deployment, durable before the answer. Knows nothing of who
/// will carry it out. [any-thread]
class Intake {
public:
    using Nonce = std::optional<history::Nonce>;

    Intake(const config::Settings& settings, history::History& history,
           planning::CatalogueView& catalogue, const planning::Planner& planner, Lookups lookups,
           const Masker& masker, const Clock& clock);

    /// Throws Refused; history::QueueFull and history::Unavailable (503); plugin::Failed (500).
    ///
    /// `nonce`: of a request that counts once. It is used up together with the event; by a request
    /// that is refused it is not. history::NonceUsed (401).
    Receipt receive(Event event, const Nonce& nonce = {});
    /// Writes down an event that starts nothing, and why.
    void ignored(const Event& event, std::string_view reason, const Nonce& nonce = {});

    /// A new deployment of what did not succeed in one that has ended. Throws Refused (404, 409).
    Receipt retry(DeploymentId id, const std::string& by);
    /// A forward deployment to a recorded good revision, and a hold on what it rolls back. Throws
    /// Refused (409, 422).
    Receipt rollback(const Rollback& rollback);
    /// Places a hold; it as it was written down. Throws Refused (422).
    Hold hold(Hold hold);
    /// Ends a hold; what it held is deployed. Throws Refused (404).
    Receipt release(HoldId id, const std::string& released_by);
    /// Ends the holds whose time has passed, in the same way.
    void releaseExpired();

private:
    /// The event without the secrets that its texts may hold. Every text from outside passes here
    /// before it is planned with, stored, logged or sent.
    Event masked(Event event) const;
    Receipt change(const Event& event, const Nonce& nonce = {});
    Receipt request(Event& event, const Nonce& nonce = {});
    /// The first answer to a request, whose services become ids. Refused (409, 422).
    Plan requestPlan(Event& event);
    /// Refused (409): a hold says no.
    void checkNotHeld(const Event& event);
    /// Refused (409): a gate says no, as far as the history alone can tell.
    void checkGate(const Event& event, const planning::Catalogue* catalogue);
    std::vector<Target> toRollBack(const Rollback& rollback);
    void checkNotHeld(const Rollback& rollback, const std::vector<Target>& targets);
    std::string rollbackRevision(const Rollback& rollback, const std::vector<Target>& targets);
    /// Short names become ids. Refused: one that is not there. The catalogue that knows them; null:
    /// none does.
    std::shared_ptr<const planning::Catalogue> resolveServices(Event& event);
    /// Whether a service of the environment did not end well the last time: the next push deploys
    /// it again.
    bool isBehind(std::string_view environment, const planning::Catalogue& catalogue);

    const config::Settings& settings_;
    history::History& history_;
    planning::CatalogueView& catalogue_;
    const planning::Planner& planner_;
    Lookups lookups_;
    const Masker& masker_;
    const Clock& clock_;
};

}  // namespace iac::intake

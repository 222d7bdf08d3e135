#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/bell.hpp"
#include "base/clock.hpp"
#include "history/ended.hpp"
#include "history/types.hpp"
#include "model/deployment.hpp"
#include "model/event.hpp"
#include "model/hold.hpp"
#include "model/plan.hpp"

namespace iac::history {

/// All of it, in the database: the questions the core may ask, and the moves it may make.
///
/// Every function that writes returns when its change is on disk (WAL, synchronous=FULL): one
/// writer thread gathers what waits into one transaction, so a burst costs one fsync, not one each.
/// Either all of a change is there or none. Reads use connections of their own and never wait for
/// the writer. After each commit the bells ring that it concerns.
///
/// A failed fsync or a damaged file ends the process (std::terminate after a sentence in the log):
/// a daemon that cannot know what is on disk must not go on. [any-thread]
class History {
public:
    /// Opens or makes `file`, and brings its schema up to date. Throws std::runtime_error with a
    /// sentence (cannot be opened, damaged, made by a newer runner).
    /// `end_process` is for tests: what happens instead of the end of the process.
    History(const std::filesystem::path& file, const Limits& limits, const Clock& clock,
            std::function<void(std::string_view sentence)> end_process = {});
    ~History();  ///< Finishes what was handed in.
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    /// Who is told of the moves from here on; nobody is told without it.
    void announceTo(Subscribers subscribers);

    /// Rings after each commit that changed a row: "look again".
    Bell& changes();
    /// Rings after each commit that put a deployment into the queue: takeNext() may find one.
    Bell& queued();
    /// Rings after each commit that put a message into the outbox.
    Bell& messages();
    /// Rings after each commit that asks to cancel a running deployment.
    Bell& cancellations();
    /// Rings after each commit that placed or ended a hold.
    Bell& holdChanges();
    /// Transactions committed since the start: fewer than calls, when they come together.
    std::uint64_t commits() const;

    // ---- Intake
    // ---------------------------------------------------------------------------------------

    /// Writes an event down and, for a non-empty `deploy`, the deployment that answers it, in one
    /// transaction. `deploy` is the first answer; empty: nothing is to be deployed, for `reason`.
    ///
    /// - A delivery id of the trigger that was seen before, at any time: a duplicate. Its
    /// deployment is
    ///   returned, unless that failed or was cancelled, or none was recorded and `deploy` says
    ///   there should be one: then it is tried again. The same body digest of the same trigger
    ///   within Limits::same_push_window under another id is the same push (only for a change that
    ///   names its revision: without one the same words may ask for a newer commit).
    /// - A change takes over the change that waits in its environment, if there is one: services,
    /// paths and
    ///   `before` are united (paths beyond the limit are dropped, and with them the claim to be
    ///   complete), the revision of the older is kept with the newer (Deployment::taken_over), and
    ///   the older ends `superseded` and names its successor.
    /// - A request that is the same as one that waits (environment, ref, revision, services,
    ///   dry_run) is a duplicate of that one. Of one that runs only when both mean the same commit:
    ///   a full SHA was asked for, or the revision is known and the same.
    ///
    /// `nonce` is used up in the same transaction: when that throws, it is not.
    ///
    /// Throws QueueFull, NonceUsed, Unavailable.
    Admission admit(const Event& event, const std::optional<Plan>& deploy,
                    std::string_view reason = {}, const std::optional<Nonce>& nonce = {});

    /// Writes down that a nonce was used. False when it was used before and has not expired.
    bool useNonce(std::string_view nonce, Time expires);

    // ---- Engine
    // ---------------------------------------------------------------------------------------

    /// The oldest queued deployment of an environment, now running; empty when none waits, or one
    /// runs there still (P3).
    std::optional<Deployment> takeNext(std::string_view environment);

    /// The truth about a running deployment: its revision and plan; one pending step is made for
    /// each planned service (executors in the order of plan.services). Steps of an earlier run of
    /// the same deployment that ended well stay as they are. The steps, in order. `subject` is
    /// taken where the event had none.
    std::vector<Step> setPlan(DeploymentId id, std::string_view revision, const Plan& plan,
                              const std::vector<std::string>& executors,
                              std::string_view subject = {});

    /// A step runs (pending, or running with its last attempt ended: a retry); the number of the
    /// attempt that begins (from 1; interrupted ones of an earlier run count). plugin: what carries
    /// it out; one without an id: nothing does.
    int startAttempt(StepId step, const UsedPlugin& plugin = {});
    void finishAttempt(StepId step, int attempt, const AttemptEnd& end);
    /// Ends a step; `target` is updated with it: the last outcome and, when it ended well and was
    /// no dry run, the last good revision. A dry run leaves the target as it is. With the error
    /// kind "interrupted" an attempt that still runs is interrupted with it.
    void finishStep(StepId step, const StepEnd& end);
    /// Ends a deployment. Steps that are still open are cancelled with it. The targets of a change
    /// (no dry run) that failed or was cancelled remember that, also those of planned services that
    /// never had a step: the next push deploys them again.
    void finish(DeploymentId id, const DeploymentEnd& end);
    /// Hands a running deployment back: it is queued again, its running steps pending, their
    /// attempts interrupted, and `crashed` when nobody stopped the runner. One that was asked to be
    /// cancelled ends `cancelled` instead. A change beside a newer one that
    /// waits is taken over by that instead, and ends `superseded`.
    void handBack(DeploymentId id, bool crashed);
    /// Environments with deployments that wait, whether or not the configuration has them.
    std::vector<std::string> environmentsWithQueued();
    /// Ends everything that waits in an environment as failed.
    void failQueued(std::string_view environment, const Diagnosis& diagnosis);
    /// Deployments that are `running` in the database, in one environment or (empty) in all: after
    /// a start, what a dead runner left behind.
    std::vector<DeploymentId> running(std::string_view environment = {});

    /// Asks to end a deployment: a queued one is cancelled at once, a running one by its lane. The
    /// state it has then. Throws WrongState when it has ended or is not there.
    DeploymentState cancel(DeploymentId id, std::string_view by);
    /// Running deployments that somebody asked to cancel.
    std::vector<DeploymentId> cancelRequested();

    /// Every target of an environment that was ever deployed, by service id.
    std::vector<Target> targets(std::string_view environment);
    /// Every revision that must stay in the mirror: last good ones, and those of open deployments.
    std::vector<std::string> pinnedRevisions();

    // ---- Holds
    // ----------------------------------------------------------------------------------------

    /// Places a hold; it as it was written down.
    Hold place(const Hold& hold);
    /// Admits a rollback and places its holds, in one transaction: a push that comes between would
    /// bring back what is rolled back. A target with an open hold of its own gets no second one.
    /// Throws what admit() throws, and then there is nothing of either.
    Admission rollBack(const Event& event, const Plan& deploy, const std::vector<Hold>& holds);
    /// Ends an open hold. When a change was held by it, or a rollback placed it, `catchUp` (a
    /// change; empty: none) is admitted in the same transaction: it deploys the newest of what was
    /// held. Throws WrongState when there is no such open hold.
    Admission release(HoldId id, std::string_view by, const std::optional<Event>& catchUp);
    /// Those that were not released, from memory: a copy that does not change. isOpen() tells
    /// whether their time has passed.
    std::shared_ptr<const std::vector<Hold>> holds();
    /// All that ever were, of one environment or (empty) of all, newest first.
    std::vector<Hold> allHolds(std::string_view environment, std::size_t limit);
    /// One, whether or not it is open. Empty: there is none.
    std::optional<Hold> hold(HoldId id);
    /// Whether the same hold (target, who, reason, end) was placed before, released or not.
    bool wasPlaced(const Hold& hold);

    // ---- Tokens
    // ---------------------------------------------------------------------------------------

    /// Writes a token down; `digest` is the SHA-256 of its text, hex. Throws WrongState when its
    /// name is taken by one that is not revoked.
    std::int64_t addToken(const Token& token, std::string_view digest);
    /// Empty: there is none, or it is revoked.
    std::optional<Token> tokenOf(std::string_view digest);
    /// Whether a token is there still, and not revoked.
    bool isValidToken(std::int64_t id);
    std::vector<Token> tokens();
    /// False: there is none of that name that is not revoked.
    bool revokeToken(std::string_view name);

    // ---- Retention
    // ------------------------------------------------------------------------------------

    /// Removes some of what may go, in one short transaction. Nothing that is open goes, nor what a
    /// target was last deployed with, last deployed well with, or deployed well with before that,
    /// nor the newest of all. Call again until nothing went.
    Pruned prune(const Retention& retention);

    // ---- Questions
    // ------------------------------------------------------------------------------------

    /// Newest first, without their steps.
    std::vector<Deployment> deployments(const DeploymentQuery& query);
    /// One, with its steps and attempts. Empty: there is none.
    std::optional<Deployment> deployment(DeploymentId id);
    /// The event a deployment answers. Empty: there is none.
    std::optional<Event> event(EventId id);
    /// Newest first.
    std::vector<ReceivedEvent> events(const EventQuery& query);
    /// Whether a service was deployed to an environment at a revision with success, in a deployment
    /// that was no dry run.
    bool succeededAt(std::string_view environment, std::string_view service,
                     std::string_view revision);
    /// How a target was deployed well before it first was with its last good revision: what was
    /// rolled back already is not gone to again. Empty: never.
    std::optional<Target> goodBefore(const Target& target);
    /// The steps of the services of a deployment in those before it in the same environment: the
    /// last one of each that ended, without attempts.
    std::vector<Step> stepsBefore(DeploymentId id);
    /// The last deployment before one in the same environment that ended as success or failed, and
    /// was no dry run. Without its steps.
    std::optional<Deployment> deploymentBefore(DeploymentId id);
    /// What was told about a deployment, in order.
    std::vector<Notification> notifications(DeploymentId id);
    /// How many deployments wait and run, by state: for GET /metrics.
    std::map<std::string, std::int64_t> countByState();
    /// A page of what began and ended, of the deployments from an id on: for GET /metrics.
    EndedPage ended(DeploymentId from);
    /// Whether the database answers, and could be written the last time: for GET /health. Never
    /// throws.
    bool healthy() noexcept;

    // ---- Outbox
    // ---------------------------------------------------------------------------------------

    /// Messages to a notifier whose time has come, oldest first, at most one of each deployment.
    std::vector<OutboxMessage> dueMessages(std::string_view notifier, std::size_t limit);
    /// When the next message to a notifier that is not due yet becomes due.
    std::optional<Time> nextMessageTime(std::string_view notifier);
    /// How many messages wait, by the names of their notifiers, whether or not the configuration
    /// has them.
    std::map<std::string, std::int64_t> waitingMessages();
    /// Delivered. `memory` (empty: as it was) is given back with the notifier's next message of the
    /// same deployment.
    void delivered(std::int64_t message, const std::optional<std::string>& memory = {});
    /// Not delivered: tried again at `next`; empty: given up, for `reason`.
    void notDelivered(std::int64_t message, std::optional<Time> next, std::string_view reason,
                      const std::optional<std::string>& memory = {});
    /// Not to be told after all: nobody wants to hear of it.
    void dropped(std::int64_t message);

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

/// Copies the database of a runner that may be running into a new file, whole and consistent, and
/// checks the copy. Throws std::runtime_error with a sentence (it exists already, no room, not a
/// history).
void backup(const std::filesystem::path& database, const std::filesystem::path& copy);

}  // namespace iac::history

#include "history/history.hpp"

#include <iterator>
#include <utility>

#include "history/admission.hpp"
#include "history/database.hpp"
#include "history/deployments.hpp"
#include "history/holds.hpp"
#include "history/outbox.hpp"
#include "history/queries.hpp"
#include "history/readers.hpp"
#include "history/records.hpp"
#include "history/retention.hpp"
#include "history/statements.hpp"
#include "history/steps.hpp"
#include "history/tokens.hpp"
#include "history/writer.hpp"

namespace iac::history {
namespace {

/// GET /health answers within 500 ms.
constexpr Duration kHealthDeadline{250};

std::filesystem::path lockFileOf(std::filesystem::path file) {
    return file += ".lock";
}

}  // namespace

class History::Parts {
public:
    Parts(const std::filesystem::path& file, const Limits& given_limits, const Clock& given_clock,
          EndProcess end)
        : limits(given_limits),
          clock(given_clock),
          lock(lockFileOf(file)),
          connection(openForWriting(file, clock)),
          readers(file.string(), limits.reader_deadline),
          writer(*connection, limits, clock, bells, end ? std::move(end) : endProcess) {}

    const Limits limits;
    const Clock& clock;
    FolderLock lock;
    Bells bells;
    std::unique_ptr<Connection> connection;
    Readers readers;
    Writer writer;
    Guarded<std::shared_ptr<const std::vector<Hold>>> holds;

    void readHolds() {
        *holds.lock() = std::make_shared<const std::vector<Hold>>(openHolds(*readers.lend()));
    }
    void changeHolds(const std::function<void(std::vector<Hold>&)>& change) {
        auto all = *(*holds.lock());
        change(all);
        *holds.lock() = std::make_shared<const std::vector<Hold>>(std::move(all));
    }
};

History::History(const std::filesystem::path& file, const Limits& limits, const Clock& clock,
                 std::function<void(std::string_view)> end_process)
    : parts_(std::make_unique<Parts>(file, limits, clock, std::move(end_process))) {
    parts_->readHolds();
}

History::~History() = default;

void History::announceTo(Subscribers subscribers) {
    parts_->writer.announceTo(std::move(subscribers));
}

Bell& History::changes() {
    return parts_->bells.changes;
}

Bell& History::queued() {
    return parts_->bells.queued;
}

Bell& History::messages() {
    return parts_->bells.messages;
}

Bell& History::cancellations() {
    return parts_->bells.cancellations;
}

Bell& History::holdChanges() {
    return parts_->bells.holds;
}

std::uint64_t History::commits() const {
    return parts_->writer.commits();
}

Admission History::admit(const Event& event, const std::optional<Plan>& deploy,
                         std::string_view reason, const std::optional<Nonce>& nonce) {
    return parts_->writer.write([&](Transaction& transaction) {
        return history::admit(transaction, event, deploy, reason, nonce);
    });
}

bool History::useNonce(std::string_view nonce, Time expires) {
    return parts_->writer.write(
        [&](Transaction& transaction) { return history::useNonce(transaction, nonce, expires); });
}

std::optional<Deployment> History::takeNext(std::string_view environment) {
    return parts_->writer.write(
        [&](Transaction& transaction) { return history::takeNext(transaction, environment); });
}

std::vector<Step> History::setPlan(DeploymentId id, std::string_view revision, const Plan& plan,
                                   const std::vector<std::string>& executors,
                                   std::string_view subject) {
    return parts_->writer.write([&](Transaction& transaction) {
        return history::setPlan(transaction, id, revision, plan, executors, subject);
    });
}

int History::startAttempt(StepId step, const UsedPlugin& plugin) {
    return parts_->writer.write(
        [&](Transaction& transaction) { return history::startAttempt(transaction, step, plugin); });
}

void History::finishAttempt(StepId step, int attempt, const AttemptEnd& end) {
    parts_->writer.write(
        [&](Transaction& transaction) { history::finishAttempt(transaction, step, attempt, end); });
}

void History::finishStep(StepId step, const StepEnd& end) {
    parts_->writer.write(
        [&](Transaction& transaction) { history::finishStep(transaction, step, end); });
}

void History::finish(DeploymentId id, const DeploymentEnd& end) {
    parts_->writer.write([&](Transaction& transaction) { history::finish(transaction, id, end); });
}

void History::handBack(DeploymentId id, bool crashed) {
    parts_->writer.write(
        [&](Transaction& transaction) { history::handBack(transaction, id, crashed); });
}

std::vector<std::string> History::environmentsWithQueued() {
    std::vector<std::string> environments;
    for (auto& [name] : parts_->readers.lend()->ask<std::string>(sql::kEnvironmentsWithQueued))
        environments.push_back(std::move(name));
    return environments;
}

void History::failQueued(std::string_view environment, const Diagnosis& diagnosis) {
    while (parts_->writer.write([&](Transaction& transaction) {
        return history::failQueued(transaction, environment, diagnosis);
    })) {
    }
}

std::vector<DeploymentId> History::running(std::string_view environment) {
    std::vector<DeploymentId> ids;
    for (const auto& [id] : parts_->readers.lend()->ask<std::int64_t>(sql::kRunning, environment))
        ids.push_back(id);
    return ids;
}

DeploymentState History::cancel(DeploymentId id, std::string_view by) {
    return parts_->writer.write(
        [&](Transaction& transaction) { return history::cancel(transaction, id, by); });
}

std::vector<DeploymentId> History::cancelRequested() {
    std::vector<DeploymentId> ids;
    for (const auto& [id] : parts_->readers.lend()->ask<std::int64_t>(sql::kCancelRequested))
        ids.push_back(id);
    return ids;
}

std::vector<Target> History::targets(std::string_view environment) {
    return readTargets(*parts_->readers.lend(), environment);
}

std::vector<std::string> History::pinnedRevisions() {
    return readPinnedRevisions(*parts_->readers.lend());
}

Hold History::place(const Hold& hold) {
    return parts_->writer.write(
        [&](Transaction& transaction) { return history::place(transaction, hold); },
        [this](const Hold& placed) {
            parts_->changeHolds([&](std::vector<Hold>& all) { all.push_back(placed); });
        });
}

Admission History::rollBack(const Event& event, const Plan& deploy,
                            const std::vector<Hold>& holds) {
    std::vector<Hold> placed;
    return parts_->writer.write(
        [&](Transaction& transaction) {
            placed = placeWhereFree(transaction, holds);
            return history::admit(transaction, event, deploy, {}, {});
        },
        [&](const Admission&) {
            parts_->changeHolds([&](std::vector<Hold>& all) {
                std::move(placed.begin(), placed.end(), std::back_inserter(all));
            });
        });
}

Admission History::release(HoldId id, std::string_view by, const std::optional<Event>& catchUp) {
    return parts_->writer.write(
        [&](Transaction& transaction) { return history::release(transaction, id, by, catchUp); },
        [&](const Admission&) {
            parts_->changeHolds([&](std::vector<Hold>& all) {
                std::erase_if(all, [&](auto& one) { return one.id == id; });
            });
        });
}

std::shared_ptr<const std::vector<Hold>> History::holds() {
    return *parts_->holds.lock();
}

std::vector<Hold> History::allHolds(std::string_view environment, std::size_t limit) {
    return history::allHolds(*parts_->readers.lend(), environment,
                             std::min(limit, parts_->limits.page));
}

std::optional<Hold> History::hold(HoldId id) {
    return history::hold(*parts_->readers.lend(), id);
}

bool History::wasPlaced(const Hold& hold) {
    return history::wasPlaced(*parts_->readers.lend(), hold);
}

std::int64_t History::addToken(const Token& token, std::string_view digest) {
    return parts_->writer.write(
        [&](Transaction& transaction) { return history::addToken(transaction, token, digest); });
}

std::optional<Token> History::tokenOf(std::string_view digest) {
    return history::tokenOf(*parts_->readers.lend(), digest);
}

bool History::isValidToken(std::int64_t id) {
    return parts_->readers.lend()->askOne<std::int64_t>(sql::kTokenValid, id).has_value();
}

std::vector<Token> History::tokens() {
    return history::tokens(*parts_->readers.lend());
}

bool History::revokeToken(std::string_view name) {
    return parts_->writer.write(
        [&](Transaction& transaction) { return history::revokeToken(transaction, name); });
}

Pruned History::prune(const Retention& retention) {
    return parts_->writer.write(
        [&](Transaction& transaction) { return history::prune(transaction, retention); });
}

std::vector<Deployment> History::deployments(const DeploymentQuery& query) {
    const ListQuery list = listQuery(query, parts_->limits.page);
    return readDeployments(*parts_->readers.lend(), list.sql, list.values);
}

std::optional<Deployment> History::deployment(DeploymentId id) {
    auto reader = parts_->readers.lend();
    auto found = readDeployment(*reader, id);
    if (found) found->steps = readSteps(*reader, id);
    return found;
}

std::optional<Event> History::event(EventId id) {
    return readEvent(*parts_->readers.lend(), id);
}

std::vector<ReceivedEvent> History::events(const EventQuery& query) {
    const ListQuery list = eventQuery(query, parts_->limits.page);
    return readEvents(*parts_->readers.lend(), list.sql, list.values);
}

bool History::succeededAt(std::string_view environment, std::string_view service,
                          std::string_view revision) {
    return parts_->readers.lend()
        ->askOne<std::int64_t>(sql::kSucceededAt, revision, environment, service)
        .has_value();
}

std::optional<Target> History::goodBefore(const Target& target) {
    return readGoodBefore(*parts_->readers.lend(), target);
}

std::vector<Step> History::stepsBefore(DeploymentId id) {
    auto reader = parts_->readers.lend();
    std::vector<Step> before;
    const auto deployment = readDeployment(*reader, id);
    if (!deployment) return before;
    for (const Step& step : readSteps(*reader, id))
        if (auto found = readStepBefore(*reader, step.service, *deployment))
            before.push_back(std::move(*found));
    return before;
}

std::optional<Deployment> History::deploymentBefore(DeploymentId id) {
    auto reader = parts_->readers.lend();
    const auto deployment = readDeployment(*reader, id);
    if (!deployment) return std::nullopt;
    return readDeploymentBefore(*reader, *deployment);
}

std::vector<Notification> History::notifications(DeploymentId id) {
    return history::notifications(*parts_->readers.lend(), id);
}

std::map<std::string, std::int64_t> History::countByState() {
    std::map<std::string, std::int64_t> counts;
    for (auto& [state, count] :
         parts_->readers.lend()->ask<std::string, std::int64_t>(sql::kCountByState))
        counts.emplace(std::move(state), count);
    return counts;
}

EndedPage History::ended(DeploymentId from) {
    return readEnded(*parts_->readers.lend(), from, parts_->limits.page);
}

bool History::healthy() noexcept {
    if (parts_->writer.failing()) return false;
    try {
        return parts_->readers.lend(kHealthDeadline)
            ->askOne<std::int64_t>(sql::kHealth)
            .has_value();
    } catch (const std::exception&) {
        return false;
    }
}

std::vector<OutboxMessage> History::dueMessages(std::string_view notifier, std::size_t limit) {
    return history::dueMessages(*parts_->readers.lend(), parts_->clock.now(), notifier, limit);
}

std::optional<Time> History::nextMessageTime(std::string_view notifier) {
    return history::nextMessageTime(*parts_->readers.lend(), parts_->clock.now(), notifier);
}

std::map<std::string, std::int64_t> History::waitingMessages() {
    std::map<std::string, std::int64_t> counts;
    for (auto& [notifier, count] :
         parts_->readers.lend()->ask<std::string, std::int64_t>(sql::kWaitingMessages))
        counts.emplace(std::move(notifier), count);
    return counts;
}

void History::delivered(std::int64_t message, const std::optional<std::string>& memory) {
    parts_->writer.write(
        [&](Transaction& transaction) { history::delivered(transaction, message, memory); });
}

void History::notDelivered(std::int64_t message, std::optional<Time> next, std::string_view reason,
                           const std::optional<std::string>& memory) {
    parts_->writer.write([&](Transaction& transaction) {
        history::notDelivered(transaction, message, next, reason, memory);
    });
}

void History::dropped(std::int64_t message) {
    parts_->writer.write([&](Transaction& transaction) { history::dropped(transaction, message); });
}

}  // namespace iac::history

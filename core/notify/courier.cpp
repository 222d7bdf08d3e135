#include "notify/courier.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "history/persist.hpp"

namespace iac::notify {
namespace {

constexpr std::size_t kAtOnce = 32;  // messages read from the outbox in one go
constexpr Duration kLongestPause{600'000};
constexpr Duration kDatabasePause{5'000};  // when the database does not answer

Duration pauseAfter(int attempts) {
    const Duration pause{1'000LL << std::min(attempts, 20)};
    return std::min(pause, kLongestPause);
}

std::string named(const history::OutboxMessage& message) {
    return message.notifier + ": " + message.event + " of deployment " +
           std::to_string(message.deployment);
}

bool isOtherWaiting(history::History& history, const history::OutboxMessage& message) {
    const auto all = history.notifications(message.deployment);
    return std::ranges::count_if(all, [&](const history::Notification& one) {
               return one.notifier == message.notifier && one.state == "waiting";
           }) > 1;
}

bool wasGivenUp(history::History& history, DeploymentId deployment, const std::string& notifier) {
    const auto all = history.notifications(deployment);
    return std::ranges::any_of(all, [&](const history::Notification& one) {
        return one.notifier == notifier && one.event == kFinished && one.state == "given_up";
    });
}

}  // namespace

void DeliveryLog::delivered() {
    if (failing_ || !given_up_because_.empty())
        log::info("notify", notifier_ + ": messages are delivered again");
    failing_ = false;
    given_up_because_.clear();
}

void DeliveryLog::triedAgain(const history::OutboxMessage& message, const std::string& reason) {
    if (std::exchange(failing_, true)) return;
    log::warning("notify", named(message) + " was not delivered, and is tried again: " + reason);
}

void DeliveryLog::givenUp(const history::OutboxMessage& message, const std::string& reason) {
    if (given_up_because_ == reason) return;
    given_up_because_ = reason;
    log::warning("notify", named(message) + " was not delivered, and is given up: " + reason);
}

Courier::Courier(const Desk& desk, const std::string& name, const NotifierInUse* notifier)
    : desk_(desk), name_(name), notifier_(notifier), log_(name) {}

void Courier::start() {
    thread_ = std::thread([this] { work(); });
}

void Courier::join() {
    if (thread_.joinable()) thread_.join();
}

void Courier::work() {
    bool said = false;
    while (true) {
        // Before the look at `stop`: it is requested first and rung for then.
        const auto seen = desk_.history.messages().count();
        if (desk_.stop.requested()) return;
        try {
            if (!carryDue()) waitForMore(seen);
            said = false;
        } catch (const std::exception& e) {
            if (desk_.stop.requested()) return;
            if (!std::exchange(said, true))
                log::warning("notify", name_ + ": its messages wait: " + e.what());
            desk_.history.messages().waitUntil(seen,
                                               std::chrono::steady_clock::now() + kDatabasePause);
        }
    }
}

// False: there is nothing to do now.
bool Courier::carryDue() {
    if (desk_.clock.now() < paused_until_) return false;
    const auto due = desk_.history.dueMessages(name_, kAtOnce);
    for (const auto& message : due) {
        if (desk_.stop.requested() || desk_.clock.now() < paused_until_) break;
        carry(message);
    }
    return !due.empty();
}

void Courier::waitForMore(std::uint64_t seen) {
    const auto now = desk_.clock.now();
    const auto next = now < paused_until_ ? paused_until_ : desk_.history.nextMessageTime(name_);
    if (!next) {
        desk_.history.messages().wait(seen);
        return;
    }
    const auto left = std::max(*next - now, Duration{0});
    desk_.history.messages().waitUntil(seen, std::chrono::steady_clock::now() + left);
}

void Courier::carry(const history::OutboxMessage& message) {
    auto deployment = desk_.history.deployment(message.deployment);
    Answer lost;
    if (notifier_ == nullptr) lost.sentence = "the configuration has no such notifier any more";
    if (!deployment) lost.sentence = "its deployment is gone from the history";
    if (!lost.sentence.empty()) return giveUp(message, lost);

    const auto circumstances = circumstancesOf(message, std::move(*deployment));
    const Verdict verdict = judge(circumstances);
    if (verdict.is == Verdict::Is::drop) {
        log::debug("notify", named(message) + " is not told: " + std::string(verdict.because));
        return history::persist(desk_.stop, [&] { desk_.history.dropped(message.id); });
    }
    const auto news = newsOf(circumstances, verdict);
    take(message, callNotifier(name_, *notifier_, news, &desk_.stop, &desk_.masker));
}

Circumstances Courier::circumstancesOf(const history::OutboxMessage& message,
                                       Deployment deployment) const {
    Circumstances all{notifier_->use, message, std::move(deployment), {}, {}, true, false};
    if (message.event == kStep) all.later_waits = isOtherWaiting(desk_.history, message);
    if (message.event != kFinished) return all;
    all.steps_before = desk_.history.stepsBefore(message.deployment);
    all.before = desk_.history.deploymentBefore(message.deployment);
    if (all.before) {
        all.heard_of_before = !wasGivenUp(desk_.history, all.before->id, name_);
        all.before = desk_.history.deployment(all.before->id);
    }
    return all;
}

std::string Courier::newsOf(const Circumstances& circumstances, const Verdict& verdict) const {
    const auto& message = circumstances.message;
    const auto& deployment = circumstances.deployment;
    const bool recovered = verdict.is == Verdict::Is::tell_recovered;
    return inputOf({std::to_string(message.id), recovered ? std::string(kRecovered) : message.event,
                    false, deployment, previousRevision(desk_.history, deployment),
                    logTail(desk_.surroundings.data, deployment), message.memory},
                   desk_.surroundings);
}

void Courier::take(const history::OutboxMessage& message, const Answer& answer) {
    if (answer.is == Answer::Is::stopped) return;  // it stays in the outbox
    if (answer.is == Answer::Is::delivered) {
        history::persist(desk_.stop, [&] { desk_.history.delivered(message.id, answer.memory); });
        broken_.erase(message.id);
        return log_.delivered();
    }
    if (!isTriedAgain(message, answer)) return giveUp(message, answer);
    const auto now = desk_.clock.now();
    // A plugin may ask for a longer pause, never for a shorter one.
    const auto pause =
        std::max(answer.retry_after.value_or(Duration{0}), pauseAfter(message.attempts + 1));
    // Who asks for a pause would refuse the other messages as well.
    if (answer.retry_after > Duration{0}) paused_until_ = now + *answer.retry_after;
    const std::string reason = desk_.masker.mask(answer.sentence);
    history::persist(desk_.stop, [&] {
        desk_.history.notDelivered(message.id, now + pause, reason, answer.memory);
    });
    log_.triedAgain(message, reason);
}

void Courier::giveUp(const history::OutboxMessage& message, const Answer& answer) {
    const std::string reason = desk_.masker.mask(answer.sentence);
    history::persist(desk_.stop, [&] {
        desk_.history.notDelivered(message.id, std::nullopt, reason, answer.memory);
    });
    broken_.erase(message.id);
    log_.givenUp(message, reason);
}

bool Courier::isTriedAgain(const history::OutboxMessage& message, const Answer& answer) {
    if (answer.is == Answer::Is::broken) return ++broken_[message.id] < kMostBreakdowns;
    const bool old = desk_.clock.now() - message.created_at >= kGiveUpAfter;
    return answer.is == Answer::Is::passing && (!old || message.attempts + 1 < kLeastAttempts);
}

}  // namespace iac::notify

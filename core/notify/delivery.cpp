#include "notify/delivery.hpp"

#include <iac/plugin.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "base/log.hpp"
#include "history/persist.hpp"
#include "plugin/host.hpp"

namespace iac::notify {
namespace {

constexpr std::size_t kAtOnce = 32;   // messages read from the outbox in one go
constexpr Duration kTimeout{30'000};  // of one delivery
constexpr Duration kGrace{2'000};
constexpr Duration kLongestPause{600'000};  // between two attempts

Duration pauseAfter(int attempts) {
    const Duration pause{1'000LL << std::min(attempts, 20)};
    return std::min(pause, kLongestPause);
}

}  // namespace

Delivery::Delivery(history::History& history, const Notifiers& notifiers, const Clock& clock,
                   Describe describe)
    : history_(history), notifiers_(notifiers), clock_(clock), describe_(std::move(describe)) {}

Delivery::~Delivery() {
    stop();
}

void Delivery::start() {
    thread_ = std::thread([this] { work(); });
}

void Delivery::stop() {
    stop_.request();
    history_.messages().ring();
    if (thread_.joinable()) thread_.join();
}

void Delivery::work() {
    while (!stop_.requested()) {
        const auto seen = history_.messages().count();
        try {
            if (!deliverDue()) waitForMore(seen);
        } catch (const std::exception& e) {
            log::warning("notify", std::string("the outbox does not answer for now: ") + e.what());
            history_.messages().waitUntil(seen, std::chrono::steady_clock::now() + pauseAfter(1));
        }
    }
}

bool Delivery::deliverDue() {
    const auto due = history_.dueMessages(kAtOnce);
    for (const auto& message : due) {
        if (stop_.requested()) break;
        deliver(message);
    }
    return !due.empty();
}

void Delivery::waitForMore(std::uint64_t seen) {
    const auto next = history_.nextMessageTime();
    if (!next) {
        history_.messages().wait(seen);
        return;
    }
    const auto left = std::max(*next - clock_.now(), Duration{0});
    history_.messages().waitUntil(seen, std::chrono::steady_clock::now() + left);
}

void Delivery::deliver(const history::OutboxMessage& message) {
    const auto found = notifiers_.find(message.notifier);
    const auto deployment = history_.deployment(message.deployment);
    if (found == notifiers_.end() || !deployment)
        return history_.notDelivered(message.id, std::nullopt,
                                     found == notifiers_.end()
                                         ? "the configuration has no such notifier any more"
                                         : "its deployment is gone");
    const NotifierInUse& notifier = found->second;
    plugin::HostedCall call;
    call.plugin = notifier.plugin;
    call.config = notifier.config;
    call.input =
        R"({"event":")" + message.event + R"(","deployment":)" + describe_(*deployment) + "}";
    call.timeout = kTimeout;
    call.grace = kGrace;
    call.cancel = &stop_;
    plugin::HostedEvents events;
    events.log = [&](int level, std::string_view sentence) {
        log::write(static_cast<log::Level>(std::clamp(level, 0, 3)), message.notifier, sentence);
    };
    const auto result = plugin::callInHost(call, events);

    using End = plugin::HostedResult::End;
    if (result.end == End::cancelled)
        return;  // it stays in the outbox, and is delivered after the next start
    if (result.end == End::returned && result.status == IAC_OK)
        return history::persist(stop_, [&] { history_.delivered(message.id); });
    const bool passing =
        result.end == End::timed_out || (result.end == End::returned && result.status == IAC_RETRY);
    const int attempts = message.attempts + 1;
    const bool again = passing && attempts < kGiveUpAfter;
    log::warning("notify", message.notifier + ": " + message.event + " of deployment " +
                               std::to_string(message.deployment) + " was not delivered" +
                               (again ? " yet: " : ", and is given up: ") + result.message);
    std::optional<Time> next;
    if (again) next = clock_.now() + pauseAfter(attempts);
    history::persist(stop_, [&] { history_.notDelivered(message.id, next, result.message); });
}

}  // namespace iac::notify

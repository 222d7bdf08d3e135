#include "upkeep/upkeep.hpp"

#include <algorithm>
#include <string>

#include "base/log.hpp"
#include "base/pause.hpp"
#include "intake/checks.hpp"
#include "upkeep/freezes.hpp"
#include "upkeep/reconcile.hpp"
#include "upkeep/retention.hpp"

namespace iac::upkeep {
namespace {

constexpr Duration kTidyEvery{86'400'000};
constexpr Duration kLookAtLeastEvery{3'600'000};  // the clock of the host may be set
constexpr Duration kAfterFailure{60'000};

// When to do it next: after its interval, or soon when it did not work.
template <class Job>
Time after(Duration interval, const Clock& clock, const Cancellation& stop, Job job) {
    try {
        job();
        return clock.now() + interval;
    } catch (const std::exception& e) {
        if (!stop.requested())
            log::warning("upkeep", std::string("it is tried again in a minute: ") + e.what());
        return clock.now() + std::min(kAfterFailure, interval);
    }
}

}  // namespace

Upkeep::Upkeep(const config::Settings& settings, history::History& history, intake::Intake& intake,
               engine::Preview& preview, const Clock& clock)
    : settings_(settings), history_(history), intake_(intake), preview_(preview), clock_(clock) {}

Upkeep::~Upkeep() {
    stop();
}

void Upkeep::start() {
    holds_ = std::thread([this] { watchHolds(); });
    chores_ = std::thread([this] { doChores(); });
}

void Upkeep::stop() {
    stop_.request();
    history_.holdChanges().ring();
    for (std::thread* thread : {&holds_, &chores_})
        if (thread->joinable()) thread->join();
}

void Upkeep::placeFreezes() {
    const auto freezes = freezesNow(settings_.environments, clock_.now());
    for (const Hold& freeze : freezes) {
        // Also one that a person has released: what was released is not placed again.
        if (history_.wasPlaced(freeze)) continue;
        history_.place(freeze);
        log::info("upkeep", freeze.environment + " is " + describe(freeze));
    }
}

void Upkeep::watchHolds() {
    while (true) {
        // Before the look at `stop_`: it is requested first and rung for then.
        const auto seen = history_.holdChanges().count();
        if (stop_.requested()) return;
        bool done = false;
        const Time again = after(kLookAtLeastEvery, clock_, stop_, [&] {
            placeFreezes();
            intake_.releaseExpired();
            done = true;
        });
        const Time now = clock_.now();
        // What could not be written is still due: the next try waits for its pause.
        const Time next = done ? std::min(again, nextHoldTime(now)) : again;
        const auto left = std::max(next - now, Duration{1'000});
        history_.holdChanges().waitUntil(seen, std::chrono::steady_clock::now() + left);
    }
}

void Upkeep::doChores() {
    const bool reconciles = settings_.reconcile.interval > Duration{0};
    Time reconcile_at = clock_.now(), tidy_at = reconcile_at;
    while (!stop_.requested()) {
        if (reconciles && clock_.now() >= reconcile_at)
            reconcile_at =
                after(settings_.reconcile.interval, clock_, stop_, [this] { reconcile(); });
        if (clock_.now() >= tidy_at)
            tidy_at = after(kTidyEvery, clock_, stop_,
                            [this] { removeOld(settings_.keep, settings_.data, history_, stop_); });
        const Time next = reconciles ? std::min(reconcile_at, tidy_at) : tidy_at;
        const auto left = std::clamp(next - clock_.now(), Duration{0}, kLookAtLeastEvery);
        pauseFor(static_cast<int>(left.count()), stop_);
    }
}

void Upkeep::reconcile() {
    for (const auto& environment : settings_.reconcile.environments) {
        const auto missed =
            missedChange(*settings_.environment(environment), settings_.repository.ref(), preview_,
                         history_, clock_.now(), stop_);
        if (!missed) continue;
        const auto receipt = intake_.receive(*missed);
        log::info("upkeep", environment + " is behind " + settings_.repository.branch +
                                ": deployment " + std::to_string(receipt.deployment) +
                                " catches up");
    }
}

Time Upkeep::nextHoldTime(Time now) {
    Time next = now + kLookAtLeastEvery;
    if (const auto freeze = nextFreeze(settings_.environments, now)) next = std::min(next, *freeze);
    const auto holds = history_.holds();
    for (const Hold& hold : *holds)
        if (hold.until) next = std::min(next, *hold.until);
    return next;
}

}  // namespace iac::upkeep

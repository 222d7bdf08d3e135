#include "upkeep/upkeep.hpp"

#include <algorithm>
#include <string>

#include "base/log.hpp"
#include "upkeep/freezes.hpp"
#include "upkeep/reconcile.hpp"
#include "upkeep/retention.hpp"

namespace iac::upkeep {
namespace {

constexpr Duration kTidyEvery{86'400'000};
constexpr Duration kLookAtLeastEvery{3'600'000};  // the clock of the host may be set
constexpr Duration kAfterFailure{60'000};
constexpr std::size_t kHoldsLookedAt = 500;  // the newest: a freeze lasts 31 days at most

}  // namespace

Upkeep::Upkeep(const config::Settings& settings, history::History& history, intake::Intake& intake,
               engine::Preview& preview, const Clock& clock)
    : settings_(settings),
      history_(history),
      intake_(intake),
      preview_(preview),
      clock_(clock),
      reconcile_at_(clock.now()),
      tidy_at_(clock.now()) {}

Upkeep::~Upkeep() {
    stop();
}

void Upkeep::start() {
    thread_ = std::thread([this] { work(); });
}

void Upkeep::stop() {
    stop_.request();
    history_.holdChanges().ring();
    if (thread_.joinable()) thread_.join();
}

void Upkeep::placeFreezes() {
    const auto freezes = freezesNow(settings_.environments, clock_.now());
    if (freezes.empty()) return;
    const auto placed = history_.allHolds(kHoldsLookedAt);
    for (const Hold& freeze : freezes) {
        if (isPlaced(freeze, placed)) continue;
        history_.place(freeze);
        log::info("upkeep", freeze.environment + " is " + describe(freeze));
    }
}

void Upkeep::work() {
    while (!stop_.requested()) {
        const auto seen = history_.holdChanges().count();
        Time next = clock_.now() + kAfterFailure;
        try {
            doWhatIsDue();
            next = nextTime(clock_.now());
        } catch (const std::exception& e) {
            if (!stop_.requested())
                log::warning("upkeep", std::string("it is tried again in a minute: ") + e.what());
        }
        const auto left = std::max(next - clock_.now(), Duration{1});
        history_.holdChanges().waitUntil(seen, std::chrono::steady_clock::now() + left);
    }
}

void Upkeep::doWhatIsDue() {
    placeFreezes();
    intake_.releaseExpired();
    const Time now = clock_.now();
    if (settings_.reconcile.interval > Duration{0} && now >= reconcile_at_) {
        reconcile();
        reconcile_at_ = now + settings_.reconcile.interval;
    }
    if (now >= tidy_at_) {
        removeOld(settings_.keep, settings_.data, history_, stop_);
        tidy_at_ = now + kTidyEvery;
    }
}

void Upkeep::reconcile() {
    for (const auto& environment : settings_.reconcile.environments) {
        const auto missed = missedChange(environment, "refs/heads/" + settings_.repository.branch,
                                         preview_, history_, stop_);
        if (!missed) continue;
        const auto receipt = intake_.receive(*missed);
        log::info("upkeep", environment + " is behind " + settings_.repository.branch +
                                ": deployment " + std::to_string(receipt.deployment) +
                                " catches up");
    }
}

Time Upkeep::nextTime(Time now) {
    Time next = std::min(now + kLookAtLeastEvery, tidy_at_);
    if (settings_.reconcile.interval > Duration{0}) next = std::min(next, reconcile_at_);
    if (const auto freeze = nextFreeze(settings_.environments, now)) next = std::min(next, *freeze);
    for (const Hold& hold : *history_.holds())
        if (hold.until) next = std::min(next, *hold.until);
    return next;
}

}  // namespace iac::upkeep

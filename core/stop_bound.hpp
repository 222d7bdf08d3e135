#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/log.hpp"

namespace iac {

/// Ends the process when it does not stop by itself: a trigger or a mapper that loops, a disk that
/// does not answer. What is cut off is in the history, and goes on after a restart as after a
/// crash.
class StopBound {
public:
    explicit StopBound(Duration grace) : deadline_(Clock::now() + grace + kMargin) {
        thread_ = std::thread([this] { watch(); });
    }
    ~StopBound() {
        state_.lock()->stopped = true;
        changed_.notify_all();
        thread_.join();
    }
    StopBound(const StopBound&) = delete;
    StopBound& operator=(const StopBound&) = delete;

    /// A second signal has come: only a moment is left. Thread-safe.
    void hurry() const {
        state_.lock()->hurried = true;
        changed_.notify_all();
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr Duration kMargin{10'000};  // beyond engine.stop_grace
    static constexpr Duration kMoment{3'000};   // for steps to be ended and written down
    struct State {
        bool stopped = false, hurried = false;
    };

    void watch() const {
        auto state = state_.lock();
        auto until = deadline_;
        if (state.waitUntil(changed_, until,
                            [](const State& now) { return now.stopped || now.hurried; })) {
            if (state->stopped) return;
            until = std::min(deadline_, Clock::now() + kMoment);
            if (state.waitUntil(changed_, until, [](const State& now) { return now.stopped; }))
                return;
        }
        log::error("runner",
                   "did not stop in time; ending now: a plugin inside the runner, git or "
                   "the disk does not answer");
        ::_exit(1);
    }

    const Clock::time_point deadline_;
    mutable Guarded<State> state_;
    mutable std::condition_variable changed_;
    std::thread thread_;
};

}  // namespace iac

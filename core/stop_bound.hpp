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

/// Ends the process when it does not stop by itself: a trigger or a mapper that loops, a health
/// check or a disk that does not answer. What is cut off is in the history, and goes on after a
/// restart as after a crash.
class StopBound {
public:
    explicit StopBound(Duration grace) {
        state_.lock()->deadline = Clock::now() + grace + kMargin;
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
    void hurry() const { endWithin(kMoment); }
    /// Everything has stopped: what is left only has to be taken down. Thread-safe.
    void finish() const { endWithin(kMargin); }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr Duration kMargin{10'000};  // beyond engine.stop_grace
    static constexpr Duration kMoment{3'000};   // for steps to be ended and written down
    struct State {
        bool stopped = false;
        Clock::time_point deadline;
    };

    void endWithin(Duration time) const {
        auto state = state_.lock();
        state->deadline = std::min(state->deadline, Clock::now() + time);
        changed_.notify_all();
    }

    void watch() const {
        auto state = state_.lock();
        while (true) {
            const auto until = state->deadline;
            const bool changed = state.waitUntil(changed_, until, [until](const State& now) {
                return now.stopped || now.deadline < until;
            });
            if (state->stopped) return;
            if (!changed) break;
        }
        log::error("runner",
                   "did not stop in time; ending now: a plugin inside the runner, git or "
                   "the disk does not answer");
        ::_exit(1);
    }

    mutable Guarded<State> state_;
    mutable std::condition_variable changed_;
    std::thread thread_;
};

}  // namespace iac

#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/cancellation.hpp"
#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "plugin/registry.hpp"

namespace iac::plugin {

/// Of one plugin, in the whole process: with so many calls that do not return it gets no further
/// one. Each keeps a thread and what it was asked.
inline constexpr std::size_t kMostStuckCalls = 8;

/// Of one instance that is concurrent. So many may be inside when it begins to hang.
inline constexpr std::size_t kMostCallsAtOnce = 32;

/// Between cancelled() and giving the call up.
inline constexpr Duration kLastMoment{500};

/// Runs the calls of one plugin instance that is inside this process: each on a thread of its own,
/// because a thread that does not come back can only be left behind. One at a time, or up to
/// kMostCallsAtOnce when the plugin is concurrent. Thread-safe.
class InsideCalls {
public:
    /// What a call does. It owns everything that it uses: it may go on after it was given up.
    using Work = std::function<void(const Cancellation&)>;
    enum class End {
        in_time,
        cancelled_late,     ///< returned within kLastMoment after its time was over
        cancelled_by_stop,  ///< returned within kLastMoment after stop()
    };

    InsideCalls(const Plugin& plugin, Duration timeout);

    /// Waits for its turn, and for the end of the work; for the time limit each. Throws Unanswered
    /// when either does not come, at once when an earlier call is stuck; Stopped after stop(); and
    /// what the work throws.
    End run(const char* function, Work work);
    /// The last one, destroy(): also after stop(). False: it was given up, or could not begin.
    bool runLast(const char* function, Work work) noexcept;
    /// cancelled() of what runs turns true; what waits, and what comes, is refused.
    void stop();

private:
    struct Call {
        Cancellation cancel;
        std::condition_variable changed;
        bool done = false, given_up = false;  // under the lock of the state
        std::exception_ptr thrown;
    };
    struct State {
        std::size_t inside = 0, stuck = 0;  // stuck: of those inside
        bool stopping = false;
        std::vector<std::shared_ptr<Call>> calls;
    };
    struct Shared {
        std::string id, name;
        bool concurrent = false;
        Duration timeout;
        Guarded<State> state;
        std::condition_variable turn;
    };
    End run(const char* function, Work work, bool last);
    std::shared_ptr<Call> enter(const char* function, bool last);
    static void leave(Shared& shared, Call& call, const char* function);
    End awaitEnd(Call& call, const char* function);
    bool isStuck(const State& state, bool last) const;

    const std::shared_ptr<Shared> shared_;
};

}  // namespace iac::plugin

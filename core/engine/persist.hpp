#pragma once

#include <poll.h>

#include "base/cancellation.hpp"
#include "base/log.hpp"
#include "history/history.hpp"

namespace iac::engine {

/// False: `cancel` was requested before the time was over.
inline bool pauseFor(int milliseconds, const Cancellation& cancel) {
    pollfd stopped{cancel.descriptor(), POLLIN, 0};
    return ::poll(&stopped, 1, milliseconds) == 0;
}

/// Writes an outcome, and goes on trying while the database cannot take it (disk full, locked):
/// what has happened is not forgotten because it could not be written at once. Gives up, by
/// throwing history::Unavailable, only when the runner is told to stop.
template <class Write>
auto persist(const Cancellation& stop, Write write) {
    constexpr int kPauseMilliseconds = 1'000;
    for (bool said = false;; said = true) {
        try {
            return write();
        } catch (const history::Unavailable& e) {
            if (!said)
                log::warning("engine",
                             std::string("an outcome cannot be written yet: ") + e.what());
            if (!pauseFor(kPauseMilliseconds, stop)) throw;
        }
    }
}

}  // namespace iac::engine

#pragma once

#include <string>

#include "base/log.hpp"
#include "base/pause.hpp"
#include "history/history.hpp"

namespace iac::history {

/// Writes what has happened, and goes on trying while the database cannot take it (disk full,
/// locked): an outcome is not forgotten, nor a message sent again, because it could not be written
/// at once. Gives up, by throwing Unavailable, only when the runner is told to stop.
template <class Write>
auto persist(const Cancellation& stop, Write write) {
    constexpr int kPauseMilliseconds = 1'000;
    for (bool said = false;; said = true) {
        try {
            return write();
        } catch (const Unavailable& e) {
            if (!said)
                log::warning("history",
                             std::string("what happened cannot be written yet: ") + e.what());
            if (!pauseFor(kPauseMilliseconds, stop)) throw;
        }
    }
}

}  // namespace iac::history

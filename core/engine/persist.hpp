#pragma once

#include <poll.h>

#include "base/cancellation.hpp"
#include "base/log.hpp"
#include "history/history.hpp"

namespace iac::engine {

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
            pollfd stopped{stop.descriptor(), POLLIN, 0};
            if (::poll(&stopped, 1, kPauseMilliseconds) == 1) throw;
        }
    }
}

}  // namespace iac::engine

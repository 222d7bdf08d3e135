#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "model/event.hpp"

namespace iac {

using HoldId = std::int64_t;

/// A target or a whole environment that must not be deployed: who said so, why, and until when.
/// What a change would have deployed meanwhile is deployed when the hold ends.
struct Hold {
    HoldId id = 0;
    std::string environment;
    std::string service;  ///< full id; empty: the whole environment
    std::string reason;
    std::string by;  ///< who placed it
    Time created_at{};
    std::optional<Time> until;        ///< it ends by itself then; empty: only when it is released
    DeploymentId rollback_of = 0;     ///< a rollback of that deployment placed it; 0: it did not
    std::optional<Time> released_at;  ///< it has ended
    std::string released_by;

    bool isOpen(Time now) const { return !released_at && (!until || now < *until); }
    bool covers(std::string_view of_environment, std::string_view of_service) const {
        return environment == of_environment && (service.empty() || service == of_service);
    }
};

/// "held by ada: the migration runs (until 2026-11-23T10:00:00.000Z)"
inline std::string describe(const Hold& hold) {
    return "held by " + hold.by + ": " + hold.reason +
           (hold.until ? " (until " + toText(*hold.until) + ")" : "");
}

}  // namespace iac

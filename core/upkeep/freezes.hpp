#pragma once

#include <optional>
#include <vector>

#include "config/settings.hpp"
#include "model/hold.hpp"

namespace iac::upkeep {

/// The holds that the freezes of the configuration ask for now: each until the end of its window.
std::vector<Hold> freezesNow(const std::vector<config::Environment>& environments, Time now);

/// When the next window begins; empty: none within a day, when it is asked again.
std::optional<Time> nextFreeze(const std::vector<config::Environment>& environments, Time now);

}  // namespace iac::upkeep

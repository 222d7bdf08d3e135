#pragma once

#include <optional>
#include <string>

#include "base/cancellation.hpp"
#include "engine/preview.hpp"
#include "history/history.hpp"
#include "model/event.hpp"

namespace iac::upkeep {

/// The change that would bring an environment up to the head of the branch; empty: there is nothing
/// that was missed. Not missed is what was tried with that very revision and failed, what a change
/// that waits or runs will deploy, what is held, and what the environment's gate does not let
/// through. Throws what Preview::answer() throws.
std::optional<Event> missedChange(const config::Environment& environment, const std::string& branch,
                                  engine::Preview& preview, history::History& history, Time now,
                                  const Cancellation& cancel);

}  // namespace iac::upkeep

#pragma once

#include <optional>
#include <string>

#include "base/cancellation.hpp"
#include "engine/preview.hpp"
#include "history/history.hpp"
#include "model/event.hpp"

namespace iac::upkeep {

/// The change that would bring an environment up to the head of the branch; empty: there is nothing
/// that was missed. What was tried with that very revision and failed was not missed, and what a
/// change that waits or runs will deploy is not either. Throws what Preview::answer() throws.
std::optional<Event> missedChange(const std::string& environment, const std::string& branch,
                                  engine::Preview& preview, history::History& history,
                                  const Cancellation& cancel);

}  // namespace iac::upkeep

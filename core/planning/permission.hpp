#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "model/hold.hpp"
#include "model/plan.hpp"

namespace iac::planning {

/// The open hold on a target, the one on its environment before its own. Null: there is none.
const Hold* holdOn(const std::vector<Hold>& holds, std::string_view environment,
                   std::string_view service, Time now);

/// The plan without what is held: that is skipped, and says so.
Plan withoutHeld(Plan plan, const std::vector<Hold>& holds, std::string_view environment, Time now);

/// Whether a revision has succeeded in an environment.
using HasSucceeded = std::function<bool(std::string_view environment, std::string_view revision)>;

/// Why a gate does not let a revision through, in a sentence; empty: it does. `tag` is what it was
/// asked for by, empty when it was no tag.
std::string refusedBy(const config::Gate& gate, std::string_view environment,
                      const std::string& tag, std::string_view revision,
                      const HasSucceeded& hasSucceeded);

}  // namespace iac::planning

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

/// Whether a service is proven good in an environment, at the revision in question.
using IsGoodIn = std::function<bool(std::string_view environment, const std::string& service)>;

/// Why a gate does not let these services through at a revision, in a sentence; empty: it does.
/// `tag` is what was asked for, empty when that was no tag.
std::string refusedBy(const config::Gate& gate, std::string_view environment,
                      const std::string& tag, std::string_view revision,
                      const std::vector<std::string>& services, const IsGoodIn& isGoodIn);

}  // namespace iac::planning

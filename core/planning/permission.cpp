#include "planning/permission.hpp"

#include <algorithm>

#include "base/wildcard.hpp"

namespace iac::planning {
namespace {

constexpr std::size_t kMostNamed = 10;  // services, in one sentence

}  // namespace

const Hold* holdOn(const std::vector<Hold>& holds, std::string_view environment,
                   std::string_view service, Time now) {
    const Hold* found = nullptr;
    for (const Hold& hold : holds) {
        if (!hold.isOpen(now) || !hold.covers(environment, service)) continue;
        if (found == nullptr || hold.service.empty()) found = &hold;
    }
    return found;
}

Plan withoutHeld(Plan plan, const std::vector<Hold>& holds, std::string_view environment,
                 Time now) {
    std::erase_if(plan.services, [&](const PlannedService& planned) {
        const Hold* hold = holdOn(holds, environment, planned.service, now);
        if (hold != nullptr) plan.skipped.push_back({planned.service, describe(*hold), true});
        return hold != nullptr;
    });
    return plan;
}

std::string refusedBy(const config::Gate& gate, std::string_view environment,
                      const std::string& tag, std::string_view revision,
                      const std::vector<std::string>& services, const IsGoodIn& isGoodIn) {
    const std::string where(environment);
    if (!gate.tag.empty() && (tag.empty() || !matchesWildcard(gate.tag, tag)))
        return where + " takes only tags of the form \"" + gate.tag + "\"" +
               (tag.empty() ? ", and this was not asked for by a tag"
                            : ", and \"" + tag + "\" is none");
    if (gate.succeeded_in.empty()) return {};
    std::string missing;
    std::size_t count = 0;
    for (const auto& service : services) {
        if (isGoodIn(gate.succeeded_in, service)) continue;
        if (++count <= kMostNamed) missing += (missing.empty() ? "" : ", ") + service;
    }
    if (count == 0) return {};
    if (count > kMostNamed) missing += " and " + std::to_string(count - kMostNamed) + " more";
    return where + " takes only what has succeeded in " + gate.succeeded_in + ", and at " +
           std::string(revision.substr(0, 10)) + " this has not: " + missing +
           "; deploy it there first";
}

}  // namespace iac::planning

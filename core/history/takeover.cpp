#include "history/takeover.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace iac::history {
namespace {

// Both lists are in deployment order, which is known to neither: what only the older one has goes
// behind what it came after there.
std::vector<PlannedService> united(const std::vector<PlannedService>& older,
                                   std::vector<PlannedService> newer) {
    auto place = newer.begin();
    for (const PlannedService& service : older) {
        const auto known = std::ranges::find(newer, service.service, &PlannedService::service);
        place = (known != newer.end() ? known : newer.insert(place, service)) + 1;
    }
    return newer;
}

std::vector<SkippedService> united(const std::vector<SkippedService>& older,
                                   const std::vector<SkippedService>& newer,
                                   const std::vector<PlannedService>& planned) {
    std::vector<SkippedService> skipped;
    for (const auto* list : {&newer, &older}) {
        for (const SkippedService& service : *list) {
            if (std::ranges::find(planned, service.service, &PlannedService::service) ==
                    planned.end() &&
                std::ranges::find(skipped, service.service, &SkippedService::service) ==
                    skipped.end())
                skipped.push_back(service);
        }
    }
    return skipped;
}

}  // namespace

Wanted takeOver(Wanted older, Wanted newer, std::size_t most_paths) {
    Wanted both;
    both.before = std::move(older.before);
    both.paths_complete = older.paths_complete && newer.paths_complete;
    both.paths = std::move(older.paths);
    both.paths.reserve(both.paths.size() + newer.paths.size());  // the views below stay valid
    std::unordered_set<std::string_view> known(both.paths.begin(), both.paths.end());
    for (std::string& path : newer.paths) {
        if (known.contains(path)) continue;
        if (both.paths.size() >= most_paths) {
            both.paths_complete = false;
            break;
        }
        both.paths.push_back(std::move(path));
        known.insert(both.paths.back());
    }
    both.plan.services = united(older.plan.services, std::move(newer.plan.services));
    both.plan.skipped = united(older.plan.skipped, newer.plan.skipped, both.plan.services);
    return both;
}

}  // namespace iac::history

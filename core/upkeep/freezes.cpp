#include "upkeep/freezes.hpp"

#include "intake/checks.hpp"

namespace iac::upkeep {
namespace {

constexpr Duration kDay{86'400'000};

}  // namespace

std::vector<Hold> freezesNow(const std::vector<config::Environment>& environments, Time now) {
    std::vector<Hold> holds;
    for (const auto& environment : environments) {
        for (const auto& freeze : environment.freezes) {
            const auto begin = freeze.cron.lastBefore(now, freeze.lasts);
            if (!begin || *begin + freeze.lasts <= now) continue;
            Hold hold;
            hold.environment = environment.name;
            hold.reason = freeze.reason;
            hold.by = intake::kFreeze;
            hold.until = *begin + freeze.lasts;
            holds.push_back(hold);
        }
    }
    return holds;
}

std::optional<Time> nextFreeze(const std::vector<config::Environment>& environments, Time now) {
    std::optional<Time> first;
    for (const auto& environment : environments)
        for (const auto& freeze : environment.freezes)
            if (const auto next = freeze.cron.nextAfter(now, kDay);
                next && (!first || *next < *first))
                first = next;
    return first;
}

}  // namespace iac::upkeep

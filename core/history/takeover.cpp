#include "history/takeover.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "history/json.hpp"
#include "history/outbox.hpp"
#include "history/statements.hpp"

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

// Every revision that `newer` stands for but its own, in the order of their latest arrival. In a
// burst this is the list of a hundred that every push makes longer by one: it is moved, not copied.
std::vector<std::string> takenOver(Wanted& older, Wanted& newer, std::size_t most) {
    auto all = std::move(older.taken_over);
    const auto add = [&all](std::string revision) {
        std::erase(all, revision);
        all.push_back(std::move(revision));
    };
    add(older.revision);
    for (auto& revision : newer.taken_over) add(std::move(revision));
    std::erase_if(all, [&](const auto& one) { return one.empty() || one == newer.revision; });
    if (all.size() > most) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
    return all;
}

}  // namespace

Wanted takeOver(Wanted older, Wanted newer, const Limits& limits) {
    Wanted both;
    both.taken_over = takenOver(older, newer, limits.revisions_per_deployment);
    both.revision = std::move(newer.revision);
    both.before = std::move(older.before);
    both.paths_complete = older.paths_complete && newer.paths_complete;
    both.paths = std::move(older.paths);
    both.paths.reserve(both.paths.size() + newer.paths.size());  // the views below stay valid
    std::unordered_set<std::string_view> known(both.paths.begin(), both.paths.end());
    for (std::string& path : newer.paths) {
        if (known.contains(path)) continue;
        if (both.paths.size() >= limits.paths_per_deployment) {
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

std::vector<Waiting> waitingChanges(Transaction& transaction, std::string_view environment,
                                    bool dry_run) {
    std::vector<Waiting> all;
    for (auto& [id, revision, before, paths, complete, taken_over, plan] :
         transaction.sql.ask<std::int64_t, std::string, std::string, std::string, std::int64_t,
                             std::string, std::string>(sql::kWaitingChanges, environment, dry_run))
        all.push_back({id,
                       {std::move(revision), std::move(before), listOf(taken_over), listOf(paths),
                        complete != 0, planOf(plan)}});
    return all;
}

void supersede(Transaction& transaction, DeploymentId older, DeploymentId newer,
               std::string_view environment) {
    transaction.sql.run(sql::kSupersede, newer, transaction.now, older);
    // One that was handed back has steps.
    transaction.sql.run(sql::kCancelOpenSteps, transaction.now,
                        "superseded by deployment " + std::to_string(newer), older);
    announce(transaction, older, kFinished, environment);
}

}  // namespace iac::history

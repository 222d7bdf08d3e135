#include "planning/planner.hpp"

#include <algorithm>
#include <set>

namespace iac::planning {
namespace {

constexpr std::string_view kNotThere = "is not a service at this revision";

// What was said first about a service stands: the first mapper, the first path.
struct Said {
    std::map<std::string, PlannedService> planned;
    std::map<std::string, SkippedService> skipped;
    std::vector<std::string> order;  // of first mention

    void take(const plugin::Mapped& one) {
        if (one.skip) {
            skipped.try_emplace(one.service, SkippedService{one.service, one.why});
        } else if (planned
                       .try_emplace(one.service,
                                    PlannedService{one.service, one.path + " (" + one.why + ")"})
                       .second) {
            order.push_back(one.service);
        }
    }
};

Plan inOrder(Said said, const std::vector<std::string>& known, Unknown unknown) {
    Plan plan;
    const auto place = [&](const std::string& id) {
        if (auto found = said.planned.extract(id))
            plan.services.push_back(std::move(found.mapped()));
    };
    std::ranges::for_each(known, place);
    if (unknown == Unknown::keep) std::ranges::for_each(said.order, place);
    for (const auto& [id, one] : said.planned)
        said.skipped.try_emplace(id, SkippedService{id, std::string(kNotThere)});
    for (auto& [id, one] : said.skipped) {
        // Touched by one path, skipped for another: it is deployed.
        const bool planned =
            std::ranges::find(plan.services, id, &PlannedService::service) != plan.services.end();
        if (!planned) plan.skipped.push_back(std::move(one));
    }
    return plan;
}

}  // namespace

Plan Planner::forPaths(const std::vector<std::string>& paths, const Catalogue* catalogue,
                       std::string_view environment, Unknown unknown) const {
    const auto known =
        catalogue != nullptr ? catalogue->ids(environment) : std::vector<std::string>{};
    Said said;
    for (const auto& mapper : mappers_)
        for (const auto& one : mapper->map(paths, known, environment)) said.take(one);
    return inOrder(std::move(said), known, catalogue != nullptr ? unknown : Unknown::keep);
}

Plan Planner::forBases(const std::map<std::string, Base>& bases, const Catalogue& catalogue,
                       std::string_view environment) const {
    // Most services share their base: each difference is mapped once.
    std::map<std::vector<std::string>, Plan> plans;
    std::map<std::string, PlannedService> planned;
    std::map<std::string, SkippedService> skipped;
    for (const auto& [service, base] : bases) {
        auto plan = plans.find(base.paths);
        if (plan == plans.end())
            plan = plans
                       .emplace(base.paths,
                                forPaths(base.paths, &catalogue, environment, Unknown::skip))
                       .first;
        const auto found =
            std::ranges::find(plan->second.services, service, &PlannedService::service);
        if (found != plan->second.services.end()) planned.emplace(service, *found);
    }
    for (const auto& [paths, plan] : plans)
        for (const auto& one : plan.skipped) skipped.emplace(one.service, one);

    Plan result;
    for (const auto& id : catalogue.ids(environment)) {
        if (auto found = planned.extract(id)) {
            result.services.push_back(std::move(found.mapped()));
            skipped.erase(id);
        }
    }
    for (auto& [id, one] : skipped) result.skipped.push_back(std::move(one));
    return result;
}

Plan Planner::forRequest(const std::vector<std::string>& services, const Catalogue& catalogue,
                         std::string_view environment, std::string_view triggered_by) {
    const std::set<std::string> wanted(services.begin(), services.end());
    const std::string by =
        triggered_by.empty() ? std::string() : " by " + std::string(triggered_by);
    Plan plan;
    std::set<std::string> there;
    for (const auto& id : catalogue.ids(environment)) {
        there.insert(id);
        if (wanted.empty()) {
            plan.services.push_back({id, "all services were asked for" + by});
        } else if (wanted.contains(id)) {
            plan.services.push_back({id, "it was asked for" + by});
        }
    }
    for (const auto& id : services)
        if (!there.contains(id)) plan.skipped.push_back({id, std::string(kNotThere)});
    return plan;
}

}  // namespace iac::planning

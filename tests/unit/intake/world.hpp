#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fixtures/folder.hpp"
#include "fixtures/platform.hpp"
#include "intake/intake.hpp"

namespace iac {

/// Intake over the real history and the mapper that ships; what it asks of the repository is said
/// here.
inline constexpr const char* kRules = R"({"rules": [
    {"path": "bootstrap/**", "skip": "deployed by hand"},
    {"path": "platform/*.{name}/**", "service": "platform/{name}"},
    {"path": "libs/**", "service": "platform/*"}]})";

struct World {
    fixtures::Folder folder;
    SystemClock clock;
    config::Settings settings = makeSettings();
    history::History history;
    plugin::Registry registry{{std::filesystem::path(IAC_BUILD_DIR) / "lib/iac-runner/plugins"}};
    std::vector<std::unique_ptr<plugin::Mapper>> mappers;
    planning::CatalogueView newest;
    planning::Planner planner{mappers};
    std::optional<bool> refExists = true;
    std::optional<std::string> revision;
    Masker masker;
    planning::Catalogue atRef{settings.services, {"platform/07.only-there/deploy.py"}};
    intake::Intake intake{
        settings,
        history,
        newest,
        planner,
        {[this](std::string_view) { return refExists; },
         [this](std::string_view) { return revision; },
         [this](std::string_view) { return std::make_shared<const planning::Catalogue>(atRef); }},
        masker,
        clock};

    explicit World(const history::Limits& limits = {})
        : history(folder / "history.db", limits, clock) {
        mappers.push_back(
            std::make_unique<plugin::Mapper>(registry.find("mapper", "iac.path-rules"), kRules));
        newest.publish(planning::Catalogue(
            settings.services, {"platform/01.postgres/deploy.py", "platform/02.redis/deploy.py"}));
    }
    static config::Settings makeSettings() {
        config::Settings settings;
        settings.environments = {{"staging", {}}, {"production", {}}};
        settings.services = fixtures::platformServices();
        return settings;
    }
    static Event push(std::vector<std::string> paths, const std::string& delivery = "") {
        Event event;
        event.trigger = "github";
        event.kind = EventKind::change;
        event.environment = "staging";
        event.delivery = delivery;
        event.body_digest = delivery + (paths.empty() ? "" : paths[0]);
        event.paths = std::move(paths);
        event.paths_complete = true;
        return event;
    }
    static Event request(std::vector<std::string> services) {
        Event event;
        event.trigger = "manual";
        event.environment = "production";
        event.ref = "v1.0.0";
        event.services = std::move(services);
        return event;
    }
    std::size_t deployments() { return history.deployments({}).size(); }
};

inline std::vector<std::string> ids(const Plan& plan) {
    std::vector<std::string> result;
    for (const auto& one : plan.services) result.push_back(one.service);
    return result;
}

}  // namespace iac

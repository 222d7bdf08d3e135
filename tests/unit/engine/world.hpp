#pragma once

#include <catch2/catch.hpp>

#include "engine/preparation.hpp"
#include "fixtures/folder.hpp"
#include "fixtures/git_repository.hpp"
#include "fixtures/platform.hpp"

namespace iac::tests {

inline constexpr const char* kRules = R"({"rules": [
    {"path": "platform/*.{name}/**", "service": "platform/{name}"},
    {"path": "libs/**", "service": "platform/*"}]})";

struct World {
    fixtures::Folder folder;
    fixtures::GitRepository remote{folder / "remote"};
    SystemClock clock;
    config::Settings settings = makeSettings();
    history::History history{folder / "history.db", {}, clock};
    repository::Mirror mirror{{remote.url(), "main", folder / "mirror.git", Duration{60'000}}};
    plugin::Registry registry{{std::filesystem::path(IAC_BUILD_DIR) / "lib/iac-runner/plugins"}};
    std::vector<std::unique_ptr<plugin::Mapper>> mappers;
    planning::CatalogueView newest;
    planning::Planner planner{mappers};
    engine::Preparation preparation{settings, history, mirror, newest, planner, clock};
    Cancellation cancel;
    std::string first = remote.commit({{"platform/01.postgres/deploy.py", "1"},
                                       {"platform/02.redis/deploy.py", "1"},
                                       {"libs/common.py", "1"},
                                       {"README.md", "1"}});

    World() {
        mappers.push_back(
            std::make_unique<plugin::Mapper>(registry.find("mapper", "iac.path-rules"), kRules));
    }

    static config::Settings makeSettings() {
        config::Settings settings;
        settings.repository.branch = "main";
        settings.environments = {{"staging", {}}};
        settings.services = fixtures::platformServices();
        return settings;
    }

    Event push(const std::string& before, const std::string& after,
               std::vector<std::string> paths) {
        Event event;
        event.trigger = "github";
        event.kind = EventKind::change;
        event.environment = "staging";
        event.ref = "refs/heads/main";
        event.before = before;
        event.revision = after;
        event.body_digest = after;
        event.paths = std::move(paths);
        return event;
    }
    /// Takes an event through the history; the deployment that it started.
    Deployment started(const Event& event) {
        REQUIRE(history.admit(event, Plan{}).deployment != 0);
        const auto deployment = history.takeNext("staging");
        REQUIRE(deployment.has_value());
        return *deployment;
    }
    /// Carries a deployment out without an executor: each step ends as told.
    void carryOut(const Deployment& deployment, const engine::Prepared& prepared, StepState state) {
        const std::vector<std::string> executors(prepared.plan.services.size(), "invoke");
        for (const auto& step :
             history.setPlan(deployment.id, prepared.revision, prepared.plan, executors)) {
            history.finishAttempt(step.id, history.startAttempt(step.id), {state, 0, ""});
            history.finishStep(step.id, {state, "", {}, ""});
        }
        history.finish(
            deployment.id,
            {state == StepState::failed ? DeploymentState::failed : DeploymentState::success, {}});
    }
    std::string planned(const Event& event, StepState state = StepState::changed) {
        const Deployment deployment = started(event);
        const auto prepared = preparation.prepare(deployment, cancel);
        carryOut(deployment, prepared, state);
        std::string picture;
        for (const auto& one : prepared.plan.services) picture += "+" + one.service + " ";
        for (const auto& one : prepared.plan.skipped) picture += "-" + one.service + " ";
        return picture;
    }
};

}  // namespace iac::tests

// The truth about a deployment: real git, the real history, the mapper that ships.
#include "engine/preparation.hpp"

#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"
#include "fixtures/git_repository.hpp"
#include "fixtures/platform.hpp"

using namespace iac;

namespace {

constexpr const char* kRules = R"({"rules": [
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

}  // namespace

TEST_CASE("a first push deploys what it touched, not everything", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    CHECK(world.planned(world.push(world.first, second, {})) == "+platform/redis ");
}

TEST_CASE("a push whose delivery was missed is caught up by the next one", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"libs/common.py", "2"}});
    CHECK(world.planned(world.push(world.first, second, {})) ==
          "+platform/postgres +platform/redis ");
    world.remote.commit({{"platform/01.postgres/compose.yaml", "3"}});
    const auto third = world.remote.commit({{"README.md", "3"}});
    CHECK(world.planned(world.push(second, third, {"README.md"})) == "+platform/postgres ");
}

TEST_CASE("the revision is told before the plan is made", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    const auto deployment = world.started(world.push(world.first, second, {}));
    const auto stops = [](const std::string& revision) { throw std::runtime_error(revision); };
    CHECK_THROWS_WITH(world.preparation.prepare(deployment, world.cancel, stops), second);
    CHECK(world.newest.latest() == nullptr);
}

TEST_CASE("a target whose last deployment failed is deployed again by the next push",
          "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    CHECK(world.planned(world.push(world.first, second, {}), StepState::failed) ==
          "+platform/redis ");
    const auto third = world.remote.commit({{"README.md", "3"}});
    CHECK(world.planned(world.push(second, third, {"README.md"})) == "+platform/redis ");
}

TEST_CASE("a push that arrives late never takes a target backwards", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    const auto third = world.remote.commit({{"platform/02.redis/compose.yaml", "3"}});
    CHECK(world.planned(world.push(second, third, {"platform/02.redis/compose.yaml"})) ==
          "+platform/redis ");
    CHECK(world.planned(world.push(world.first, second, {"platform/02.redis/compose.yaml"})) ==
          "-platform/redis ");
}

TEST_CASE("an older push that took over a newer one deploys the newer revision", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/01.postgres/compose.yaml", "2"}});
    const auto third = world.remote.commit({{"platform/02.redis/compose.yaml", "3"}});
    REQUIRE(
        world.history.admit(world.push(second, third, {"platform/02.redis/compose.yaml"}), Plan{})
            .deployment != 0);
    const Deployment late =
        world.started(world.push(world.first, second, {"platform/01.postgres/compose.yaml"}));
    const auto prepared = world.preparation.prepare(late, world.cancel);
    CHECK(prepared.revision == third);
    CHECK(prepared.plan.services.size() == 2);
}

TEST_CASE("a force push is measured by what git says, not by the payload", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"libs/common.py", "2"}});
    world.planned(world.push(world.first, second, {}));
    world.remote.git({"reset", "--quiet", "--hard", world.first});
    const auto other =
        world.remote.commit({{"libs/common.py", "2"}, {"platform/01.postgres/compose.yaml", "2"}});
    auto event = world.push(second, other, {});
    CHECK(world.planned(event) == "+platform/postgres ");
}

TEST_CASE("a service that a push removes is skipped and says so", "[preparation]") {
    World world;
    world.remote.git({"rm", "--quiet", "-r", "platform/02.redis"});
    const auto second = world.remote.commit({});
    CHECK(world.planned(world.push(world.first, second, {"platform/02.redis/deploy.py"})) ==
          "-platform/redis ");
}

TEST_CASE("a ref that nobody has ends with a sentence", "[preparation]") {
    World world;
    Event event;
    event.trigger = "manual";
    event.environment = "staging";
    event.ref = "v9.9.9";
    CHECK_THROWS_WITH(world.preparation.prepare(world.started(event), world.cancel),
                      Catch::Contains("v9.9.9"));
}

TEST_CASE("a service that is asked for and not there at the revision fails the deployment",
          "[preparation]") {
    World world;
    Event event;
    event.trigger = "manual";
    event.environment = "staging";
    event.ref = "main";
    event.services = {"platform/mysql"};
    CHECK_THROWS_WITH(
        world.preparation.prepare(world.started(event), world.cancel),
        Catch::Contains("platform/mysql") && Catch::Contains("platform/postgres, platform/redis"));
}

TEST_CASE("preparation deploys an older commit when the branch was reset to it", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    SECTION("by one commit") {
        CHECK(world.planned(world.push(world.first, second, {})) == "+platform/redis ");
        world.remote.git({"reset", "--quiet", "--hard", world.first});
        CHECK(world.planned(world.push(second, world.first, {})) == "+platform/redis ");
    }
    SECTION("by several, for each service that differs") {
        const auto third = world.remote.commit({{"platform/01.postgres/compose.yaml", "3"}});
        CHECK(world.planned(world.push(world.first, second, {})) == "+platform/redis ");
        CHECK(world.planned(world.push(second, third, {})) == "+platform/postgres ");
        world.remote.git({"reset", "--quiet", "--hard", world.first});
        CHECK(world.planned(world.push(third, world.first, {})) ==
              "+platform/postgres +platform/redis ");
    }
    SECTION("and to a side line that the old head does not contain") {
        CHECK(world.planned(world.push(world.first, second, {})) == "+platform/redis ");
        world.remote.git({"reset", "--quiet", "--hard", world.first});
        const auto other = world.remote.commit({{"README.md", "other"}});
        CHECK(world.planned(world.push(second, other, {"README.md"})) == "+platform/redis ");
    }
}

TEST_CASE("preparation deploys the reset branch when a reset takes over the push it undoes",
          "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    REQUIRE(world.history.admit(world.push(world.first, second, {}), Plan{}).deployment != 0);
    world.mirror.fetch();
    world.remote.git({"reset", "--quiet", "--hard", world.first});
    const Deployment reset = world.started(world.push(second, world.first, {}));
    REQUIRE(reset.taken_over == std::vector{second});
    CHECK(world.preparation.prepare(reset, world.cancel).revision == world.first);
}

TEST_CASE("preparation deploys the head of the branch when a push names another commit",
          "[preparation]") {
    World world;
    SECTION("of another branch") {
        world.remote.git({"checkout", "--quiet", "-b", "feature"});
        const auto feature = world.remote.commit({{"platform/02.redis/compose.yaml", "evil"}});
        world.remote.git({"checkout", "--quiet", "main"});
        const auto deployment = world.started(world.push(world.first, feature, {}));
        CHECK(world.preparation.prepare(deployment, world.cancel).revision == world.first);
    }
    SECTION("that a force push took away after it was fetched") {
        const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
        world.mirror.fetch();
        world.remote.git({"reset", "--quiet", "--hard", world.first});
        const auto third = world.remote.commit({{"README.md", "3"}});
        const auto deployment = world.started(world.push(world.first, second, {}));
        CHECK(world.preparation.prepare(deployment, world.cancel).revision == third);
    }
}

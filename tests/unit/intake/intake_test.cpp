// An event becomes a queued deployment, over the real history and the mapper that ships.
#include "intake/intake.hpp"

#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"

using namespace iac;

namespace {

constexpr const char* kRules = R"({"rules": [
    {"path": "bootstrap/**", "skip": "deployed by hand"},
    {"path": "platform/*.{name}/**", "service": "platform/{name}"},
    {"path": "libs/**", "service": "platform/*"}]})";

struct World {
    fixtures::Folder folder;
    SystemClock clock;
    config::Settings settings = makeSettings();
    history::History history{folder / "history.db", {}, clock};
    plugin::Registry registry{{std::filesystem::path(IAC_BUILD_DIR) / "lib/iac-runner/plugins"}};
    std::vector<std::unique_ptr<plugin::Mapper>> mappers;
    planning::CatalogueView newest;
    planning::Planner planner{mappers};
    std::optional<bool> refExists = true;
    planning::Catalogue atRef{settings.services, {"platform/07.only-there/deploy.py"}};
    intake::Intake intake{
        settings,
        history,
        newest,
        planner,
        {[this](std::string_view) { return refExists; },
         [this](std::string_view) { return std::make_shared<const planning::Catalogue>(atRef); }}};

    World() {
        mappers.push_back(
            std::make_unique<plugin::Mapper>(registry.find("mapper", "iac.path-rules"), kRules));
        newest.publish(planning::Catalogue(
            settings.services, {"platform/01.postgres/deploy.py", "platform/02.redis/deploy.py"}));
    }
    static config::Settings makeSettings() {
        config::Settings settings;
        settings.environments = {{"staging", {}}, {"production", {}}};
        config::ServiceRule rule;
        rule.discover = "platform/{order}.{name}/deploy.py";
        rule.id = "platform/{name}";
        rule.executor = "invoke";
        rule.with = new Poco::JSON::Object;
        settings.services = {rule};
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

std::vector<std::string> ids(const Plan& plan) {
    std::vector<std::string> result;
    for (const auto& one : plan.services) result.push_back(one.service);
    return result;
}

}  // namespace

TEST_CASE("a push is answered with what its paths touch, and is queued", "[intake]") {
    World world;
    const auto receipt = world.intake.receive(World::push({"platform/02.redis/compose.yaml"}));
    CHECK(receipt.deployment != 0);
    CHECK(ids(receipt.plan) == std::vector<std::string>{"platform/redis"});
    CHECK(world.history.deployment(receipt.deployment)->state == DeploymentState::queued);
}

TEST_CASE("a service that the push itself adds is part of the first answer", "[intake]") {
    World world;
    CHECK(ids(world.intake.receive(World::push({"platform/03.minio/deploy.py"})).plan) ==
          std::vector<std::string>{"platform/minio"});
}

TEST_CASE("a push that touches nothing makes no deployment", "[intake]") {
    World world;
    const auto receipt = world.intake.receive(World::push({"bootstrap/05.vault/compose.yaml"}));
    CHECK(receipt.deployment == 0);
    CHECK(receipt.plan.skipped ==
          std::vector<SkippedService>{{"bootstrap/vault", "deployed by hand"}});
    CHECK(world.deployments() == 0);
}

TEST_CASE("nothing is said not to be touched", "[intake]") {
    World world;
    SECTION("when the sender's list is not complete") {
        auto event = World::push({"README.md"});
        event.paths_complete = false;
        CHECK(world.intake.receive(event).deployment != 0);
    }
    SECTION("when the services are not known yet") {
        planning::CatalogueView empty;
        intake::Intake early(world.settings, world.history, empty, world.planner, {});
        CHECK(early.receive(World::push({"README.md"})).deployment != 0);
    }
    SECTION("when a target did not end well the last time") {
        world.intake.receive(World::push({"platform/02.redis/x"}));
        const auto deployment = world.history.takeNext("staging");
        const auto steps = world.history.setPlan(deployment->id, std::string(40, 'a'),
                                                 {{{"platform/redis", "x"}}, {}}, {"invoke"});
        world.history.startAttempt(steps[0].id);
        world.history.finishAttempt(steps[0].id, 1, {StepState::failed, 1, "no"});
        world.history.finishStep(steps[0].id, {StepState::failed, "no", {}, ""});
        world.history.finish(deployment->id, {});
        CHECK(world.intake.receive(World::push({"README.md"})).deployment != 0);
    }
}

TEST_CASE("a delivery that was seen before starts nothing", "[intake]") {
    World world;
    const auto first = world.intake.receive(World::push({"libs/a.py"}, "guid-1"));
    const auto second = world.intake.receive(World::push({"libs/a.py"}, "guid-1"));
    CHECK(second.duplicate);
    CHECK(second.deployment == first.deployment);
    CHECK(world.deployments() == 1);
}

TEST_CASE(
    "a request names services by id or short name, and nothing is written when it cannot be "
    "answered",
    "[intake]") {
    World world;
    SECTION("understood") {
        CHECK(ids(world.intake.receive(World::request({"redis"})).plan) ==
              std::vector<std::string>{"platform/redis"});
        CHECK(world.deployments() == 1);
    }
    SECTION("a service that is only there at the ref that is asked for") {
        CHECK(ids(world.intake.receive(World::request({"only-there"})).plan) ==
              std::vector<std::string>{"platform/only-there"});
    }
    SECTION("unknown service") {
        CHECK_THROWS_WITH(world.intake.receive(World::request({"mysql"})),
                          Catch::Contains("platform/only-there"));
        CHECK(world.deployments() == 0);
    }
    SECTION("unknown environment") {
        auto event = World::request({});
        event.environment = "nowhere";
        CHECK_THROWS_WITH(world.intake.receive(event), Catch::Contains("staging, production"));
        CHECK(world.deployments() == 0);
    }
    SECTION("a ref that does not exist") {
        world.refExists = false;
        CHECK_THROWS_WITH(world.intake.receive(World::request({})), Catch::Contains("v1.0.0"));
        CHECK(world.deployments() == 0);
    }
    SECTION("a remote that cannot be asked is given the benefit of the doubt") {
        world.refExists = std::nullopt;
        CHECK(world.intake.receive(World::request({})).deployment != 0);
    }
    SECTION("a ref that is none") {
        auto event = World::request({});
        event.ref = "--upload-pack=/bin/sh";
        CHECK_THROWS_AS(world.intake.receive(event), intake::Refused);
        CHECK(world.deployments() == 0);
    }
}

// An event becomes a queued deployment, over the real history and the mapper that ships.
#include "intake/intake.hpp"

#include <catch2/catch.hpp>

#include "unit/intake/world.hpp"

using namespace iac;

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
        intake::Intake early(world.settings, world.history, empty, world.planner, {}, world.masker,
                             world.clock);
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
    SECTION("a commit that is asked for by an abbreviated SHA") {
        world.refExists = false;
        auto event = World::request({});
        event.ref = "8e33f3c";
        CHECK_THROWS_WITH(world.intake.receive(event), Catch::Contains("full SHA in lower case"));
        event.ref = event.tag = std::string(40, 'a');
        CHECK_THROWS_WITH(world.intake.receive(event), Catch::Contains("there is no tag"));
        event.revision = std::string(40, 'A');
        CHECK_THROWS_WITH(world.intake.receive(event), Catch::Contains("in lower case"));
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

TEST_CASE("intake keeps no secret that a text from outside holds", "[intake]") {
    World world;
    const std::string secret = "s3cr3t-t0k3n";
    world.masker.learn({secret});
    SECTION("in an event") {
        auto event = World::push({"platform/02.redis/" + secret, "README.md"}, "d-" + secret);
        event.subject = "use " + secret;
        event.triggered_by = secret;
        const auto receipt = world.intake.receive(event);
        REQUIRE(receipt.deployment != 0);
        const auto kept = world.history.event(receipt.event).value();
        CHECK(kept.subject == "use [secret]");
        CHECK(kept.triggered_by == "[secret]");
        CHECK(kept.delivery == "d-[secret]");
        CHECK(kept.paths[0] == "platform/02.redis/[secret]");
        const auto deployment = world.history.deployment(receipt.deployment).value();
        CHECK(deployment.plan.services[0].reason.find(secret) == std::string::npos);
    }
    SECTION("in an event that is ignored") {
        auto event = World::push({}, "d1");
        event.subject = secret;
        world.intake.ignored(event, "because of " + secret);
        const auto kept = world.history.events({}).front();
        CHECK(kept.reason == "because of [secret]");
        CHECK(kept.event.subject == "[secret]");
    }
    SECTION("in a hold") {
        Hold hold;
        hold.environment = "staging";
        hold.reason = "not " + secret;
        hold.by = secret;
        world.intake.hold(hold);
        CHECK(world.history.holds()->front().reason == "not [secret]");
        CHECK(world.history.holds()->front().by == "[secret]");
    }
}

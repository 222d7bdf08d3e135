// Holds, gates, and what was deployed before asked for again.
#include <catch2/catch.hpp>

#include "fixtures/hold.hpp"
#include "unit/intake/world.hpp"

using namespace iac;
using Catch::Contains;
using fixtures::holdOf;

namespace {

std::string sha(char c) {
    return std::string(40, c);
}

/// Deploys services at a revision, as told: by name, whether each ends well.
DeploymentId deploy(World& world, const std::string& revision,
                    const std::map<std::string, bool>& services, DeploymentId rollbackOf = 0,
                    bool cutOff = false) {
    Event event;
    event.trigger = "manual";
    event.environment = "staging";
    event.ref = revision;
    event.revision = revision;
    event.rollback_of = rollbackOf;
    Plan plan;
    for (const auto& [service, well] : services) plan.services.push_back({service, "asked"});
    world.history.admit(event, plan);
    const auto id = world.history.takeNext("staging").value().id;
    const auto steps = world.history.setPlan(id, revision, plan, {plan.services.size(), "invoke"});
    bool all = true;
    for (const auto& step : steps) {
        const bool well = services.at(step.service);
        const auto end = well ? StepState::changed : StepState::failed;
        world.history.startAttempt(step.id);
        world.history.finishAttempt(step.id, 1, {end, 0, ""});
        world.history.finishStep(step.id, {end, "", {}, ""});
        all = all && well;
    }
    if (cutOff) all = false;  // it was not finished as it should have been
    world.history.finish(id, {all ? DeploymentState::success : DeploymentState::failed, {}});
    return id;
}

int statusOf(const std::function<void()>& call) {
    try {
        call();
    } catch (const intake::Refused& e) {
        return e.status();
    }
    return 0;
}

}  // namespace

TEST_CASE("a retry asks for what did not succeed, at the same revision", "[again]") {
    World world;
    const auto id =
        deploy(world, sha('a'), {{"platform/postgres", true}, {"platform/redis", false}});
    world.refExists = false;  // a branch may be gone: the commit is known
    const auto receipt = world.intake.retry(id, "ada");
    const auto again = world.history.deployment(receipt.deployment).value();
    CHECK(again.retry_of == id);
    CHECK(again.revision == sha('a'));
    CHECK(again.services == std::vector<std::string>{"platform/redis"});
    CHECK(again.triggered_by == "ada");
    // Who asks twice gets the one that waits.
    CHECK(world.intake.retry(id, "ada").deployment == again.id);
}

TEST_CASE("a push that failed before its steps is planned again", "[again]") {
    World world;
    const auto push = world.intake.receive(World::push({"platform/02.redis/a"}, "d1"));
    world.history.takeNext("staging");
    world.history.finish(push.deployment, {DeploymentState::failed, {"git", "no network", ""}});
    const auto again =
        world.history.deployment(world.intake.retry(push.deployment, "ada").deployment).value();
    CHECK(again.kind == EventKind::change);
    CHECK(again.retry_of == push.deployment);
}

TEST_CASE("what cannot be retried is refused with the reason", "[again]") {
    World world;
    const auto good = deploy(world, sha('a'), {{"platform/redis", true}});
    CHECK(statusOf([&] { world.intake.retry(77, "ada"); }) == 404);
    CHECK(statusOf([&] { world.intake.retry(good, "ada"); }) == 409);
    const auto open = world.intake.receive(World::push({"platform/02.redis/a"}, "d1"));
    CHECK_THROWS_WITH(world.intake.retry(open.deployment, "ada"), Contains("is queued"));
    world.intake.receive(World::push({"platform/02.redis/b"}, "d2"));
    CHECK_THROWS_WITH(world.intake.retry(open.deployment, "ada"), Contains("was superseded by"));
}

TEST_CASE("a rollback goes to the good revision before, and holds what it rolls back", "[again]") {
    World world;
    deploy(world, sha('a'), {{"platform/postgres", true}, {"platform/redis", true}});
    const auto bad =
        deploy(world, sha('b'), {{"platform/postgres", true}, {"platform/redis", true}});
    const auto receipt = world.intake.rollback({"staging", {}, "", "it eats data", "ada"});
    const auto back = world.history.deployment(receipt.deployment).value();
    CHECK(back.revision == sha('a'));
    CHECK(back.rollback_of == bad);
    CHECK(back.services == std::vector<std::string>{"platform/postgres", "platform/redis"});
    const auto holds = world.history.holds();
    REQUIRE(holds->size() == 2);
    CHECK(holds->front().reason == "rolled back: it eats data");
    CHECK(holds->front().by == "ada");
    CHECK(holds->front().rollback_of == bad);
    // Its own holds do not stop it, nor a further one; everybody else's request they do.
    CHECK(statusOf([&] { world.intake.rollback({"staging", {}, "", "again", "ada"}); }) == 0);
    auto request = World::request({"redis"});
    request.environment = "staging";
    CHECK_THROWS_WITH(world.intake.receive(request), Contains("rolled back: it eats data"));
}

TEST_CASE("a rollback is of the services and to the revision that it names", "[again]") {
    World world;
    deploy(world, sha('a'), {{"platform/postgres", true}, {"platform/redis", true}});
    deploy(world, sha('b'), {{"platform/redis", true}});
    deploy(world, sha('c'), {{"platform/redis", true}});
    SECTION("one service") {
        const auto receipt = world.intake.rollback({"staging", {"redis"}, "", "why", "ada"});
        const auto back = world.history.deployment(receipt.deployment).value();
        CHECK(back.revision == sha('b'));
        CHECK(back.services == std::vector<std::string>{"platform/redis"});
    }
    SECTION("a revision of its own") {
        world.revision = sha('a');
        const auto receipt = world.intake.rollback({"staging", {}, "v1.0.0", "why", "ada"});
        CHECK(world.history.deployment(receipt.deployment)->revision == sha('a'));
    }
}

TEST_CASE("what failed goes back to where it was good last", "[again]") {
    World world;
    deploy(world, sha('a'), {{"platform/postgres", true}, {"platform/redis", true}});
    const auto bad =
        deploy(world, sha('b'), {{"platform/postgres", true}, {"platform/redis", false}});
    const auto receipt = world.intake.rollback({"staging", {}, "", "half of it", "ada"});
    const auto back = world.history.deployment(receipt.deployment).value();
    CHECK(back.rollback_of == bad);
    CHECK(back.revision == sha('a'));
    CHECK(back.services == std::vector<std::string>{"platform/postgres", "platform/redis"});
}

TEST_CASE("services that were not deployed together are not rolled back together", "[again]") {
    World world;
    deploy(world, sha('a'), {{"platform/postgres", true}, {"platform/redis", true}});
    deploy(world, sha('b'), {{"platform/postgres", true}});
    deploy(world, sha('c'), {{"platform/redis", true}});
    deploy(world, sha('d'), {{"platform/redis", true}});
    CHECK_THROWS_WITH(world.intake.rollback({"staging", {"postgres", "redis"}, "", "why", "ada"}),
                      Contains("platform/postgres would stay as it is"));
    CHECK(world.history.holds()->empty());
}

TEST_CASE("a rollback that failed is retried as one", "[again]") {
    World world;
    deploy(world, sha('a'), {{"platform/redis", true}});
    const auto bad = deploy(world, sha('b'), {{"platform/redis", true}});
    const auto back = world.intake.rollback({"staging", {}, "", "why", "ada"}).deployment;
    REQUIRE(world.history.takeNext("staging")->id == back);
    const auto steps =
        world.history.setPlan(back, sha('a'), {{{"platform/redis", "asked"}}, {}}, {"invoke"});
    world.history.startAttempt(steps[0].id);
    world.history.finishAttempt(steps[0].id, 1, {StepState::failed, 1, ""});
    world.history.finishStep(steps[0].id, {StepState::failed, "", {}, ""});
    world.history.finish(back, {DeploymentState::failed, {}});
    // Its own hold does not stop it.
    const auto again = world.intake.retry(back, "ada").deployment;
    CHECK(world.history.deployment(again)->rollback_of == bad);
}

TEST_CASE("a failed deployment whose steps all ended well has nothing to retry", "[again]") {
    World world;
    const auto id = deploy(world, sha('a'), {{"platform/redis", true}}, 0, true);
    CHECK_THROWS_WITH(world.intake.retry(id, "ada"), Contains("there is nothing to retry"));
}

TEST_CASE("a rollback that is impossible is refused, and holds nothing", "[again]") {
    World world;
    const auto status = [&](intake::Rollback rollback) {
        return statusOf([&] { world.intake.rollback(rollback); });
    };
    CHECK(status({"staging", {}, "", "why", "ada"}) == 409);  // nothing was ever deployed
    deploy(world, sha('a'), {{"platform/redis", true}});
    CHECK(status({"staging", {}, "", "why", "ada"}) == 409);  // there is nothing before it
    CHECK(status({"staging", {}, "", "", "ada"}) == 422);     // no reason
    CHECK(status({"nowhere", {}, "", "why", "ada"}) == 422);
    CHECK(status({"staging", {"postgres"}, "", "why", "ada"}) == 422);
    CHECK(status({"staging", {}, "--upload-pack=x", "why", "ada"}) == 400);
    CHECK(status({"staging", {}, "nothing", "why", "ada"}) == 422);
    CHECK_THROWS_WITH(world.intake.rollback({"staging", {}, "ABCDEF1", "why", "ada"}),
                      Contains("full SHA in lower case"));
    deploy(world, sha('b'), {{"platform/redis", true}});
    CHECK(world.history.holds()->empty());
    world.intake.hold(holdOf("staging"));
    CHECK(status({"staging", {}, "", "why", "ada"}) == 409);  // a person says no
    CHECK(world.history.holds()->size() == 1);
}

TEST_CASE("a rollback that finds no place in the queue holds nothing", "[again]") {
    history::Limits limits;
    limits.waiting = 1;
    World world(limits);
    deploy(world, sha('a'), {{"platform/redis", true}});
    deploy(world, sha('b'), {{"platform/redis", true}});
    world.intake.receive(World::push({"platform/01.postgres/a"}, "d1"));
    const intake::Rollback rollback{"staging", {}, "", "why", "ada"};
    CHECK_THROWS_AS(world.intake.rollback(rollback), history::QueueFull);
    CHECK(world.history.holds()->empty());
    world.history.takeNext("staging");
    CHECK(world.intake.rollback(rollback).deployment != 0);
    CHECK(world.history.holds()->size() == 1);
}

TEST_CASE("a hold refuses what is asked by name, and a dry run goes past it", "[again]") {
    World world;
    const auto hold = world.intake.hold(holdOf("production", "redis"));
    CHECK(hold.service == "platform/redis");
    CHECK(statusOf([&] { world.intake.receive(World::request({"redis"})); }) == 409);
    CHECK(statusOf([&] { world.intake.receive(World::request({"postgres"})); }) == 0);
    CHECK(statusOf([&] { world.intake.receive(World::request({})); }) == 0);
    auto dry = World::request({"redis"});
    dry.dry_run = true;
    CHECK(statusOf([&] { world.intake.receive(dry); }) == 0);
    world.intake.hold(holdOf("production"));
    CHECK(statusOf([&] { world.intake.receive(World::request({"postgres"})); }) == 409);
    CHECK(statusOf([&] { world.intake.receive(World::request({})); }) == 409);
}

TEST_CASE("a push is told at once what a hold keeps from being deployed", "[again]") {
    World world;
    world.intake.hold(holdOf("staging", "redis"));
    const auto receipt =
        world.intake.receive(World::push({"platform/02.redis/a", "platform/01.postgres/a"}, "d1"));
    CHECK(ids(receipt.plan) == std::vector<std::string>{"platform/postgres"});
    REQUIRE(receipt.plan.skipped.size() == 1);
    CHECK(receipt.plan.skipped[0].held);
}

TEST_CASE("a hold that makes no sense is refused", "[again]") {
    World world;
    CHECK(statusOf([&] { world.intake.hold(holdOf("nowhere")); }) == 422);
    CHECK(statusOf([&] { world.intake.hold(holdOf("staging", "rediss")); }) == 422);
    auto hold = holdOf("staging");
    hold.reason.clear();
    CHECK(statusOf([&] { world.intake.hold(hold); }) == 422);
    hold = holdOf("staging");
    hold.until = world.clock.now() - Duration(1);
    CHECK(statusOf([&] { world.intake.hold(hold); }) == 422);
    CHECK(statusOf([&] { world.intake.release(1, "ada"); }) == 404);
}

TEST_CASE("every hold whose time has passed ends", "[again]") {
    World world;
    for (const char* service : {"platform/postgres", "platform/redis"}) {
        auto hold = fixtures::holdOf("staging", service);
        hold.until = world.clock.now();
        world.history.place(hold);
    }
    world.history.place(fixtures::holdOf("production"));
    world.intake.releaseExpired();
    REQUIRE(world.history.holds()->size() == 1);
    CHECK(world.history.holds()->front().environment == "production");
}

TEST_CASE("a gate refuses what does not have behind it what it asks for", "[again]") {
    World world;
    world.settings.environments[1].require = {"staging", "v*.0"};
    world.revision = sha('a');
    auto request = World::request({});
    request.tag = request.ref;
    CHECK_THROWS_WITH(world.intake.receive(request),
                      Contains("only what has succeeded in staging"));
    // One of two is not all of them.
    deploy(world, sha('a'), {{"platform/redis", true}});
    CHECK_THROWS_WITH(world.intake.receive(request),
                      Contains("platform/postgres") && !Contains("platform/redis"));
    auto one = request;
    one.services = {"redis"};
    CHECK(statusOf([&] { world.intake.receive(one); }) == 0);
    deploy(world, sha('a'), {{"platform/postgres", true}});
    CHECK(statusOf([&] { world.intake.receive(request); }) == 0);
    request.tag = request.ref = "v1.0.1";
    CHECK(statusOf([&] { world.intake.receive(request); }) == 409);
    request.tag.clear();
    CHECK_THROWS_WITH(world.intake.receive(request), Contains("was not asked for by a tag"));
}

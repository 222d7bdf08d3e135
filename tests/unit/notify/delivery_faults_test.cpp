// Notifiers that are down, busy, broken or refused: each ends in a true state.
#include "fixtures/standard_error.hpp"
#include "notify/courier.hpp"
#include "world.hpp"

using namespace iac;
using Catch::Contains;
using Lines = std::vector<std::string>;
using test::World;

namespace {

constexpr Duration kHour{3'600'000};

/// One scribe that hears of ends, and a deployment that ended.
struct Ended : World {
    DeploymentId id = 0;
    std::unique_ptr<notify::Delivery> delivery;
    explicit Ended(const std::string& mood) {
        scribe("scribe").events = {"finished"};
        announce();
        setMood("scribe", mood);
        id = deploy();
        delivery = deliver();
    }
    history::Notification now() { return notifications(id, "scribe").at(0); }
};

}  // namespace

TEST_CASE("a notifier that is down for an hour is told when it is back", "[delivery]") {
    Ended world("retry");
    for (int tries = 1; tries <= 10; ++tries) {
        world.awaitTries(world.id, "scribe", tries);
        CHECK(world.now().state == "waiting");
        CHECK(world.now().reason == "it is down. Wait for it.");
        world.pass(Duration{600'000});
    }
    world.setMood("scribe", "");
    world.pass(Duration{600'000});
    world.awaitEnd(world.id, "scribe");
    CHECK(world.now().state == "delivered");
    CHECK(world.now().reason.empty());
    CHECK(world.events("scribe") == Lines{"finished 1"});
}

TEST_CASE("a message that cannot be delivered for a day is given up with its reason",
          "[delivery]") {
    Ended world("retry");
    world.awaitTries(world.id, "scribe", 1);
    world.pass(notify::kGiveUpAfter - kHour);
    for (int tries = 2; tries < notify::kLeastAttempts; ++tries) {
        world.awaitTries(world.id, "scribe", tries);
        CHECK(world.now().state == "waiting");
        world.pass(kHour);
    }
    world.awaitTries(world.id, "scribe", notify::kLeastAttempts);
    CHECK(world.now().state == "given_up");
    CHECK(world.now().reason == "it is down. Wait for it.");
}

TEST_CASE("a pause that is asked for is kept, also for other messages", "[delivery]") {
    Ended world("retry after 120");
    world.awaitTries(world.id, "scribe", 1);
    world.setMood("scribe", "");
    const auto other = world.deploy();
    world.pass(Duration{119'000});
    CHECK(world.notifications(other, "scribe").at(0).attempts == 0);
    CHECK(world.now().attempts == 1);
    world.pass(Duration{1'000});
    world.awaitEnd(world.id, "scribe");
    world.awaitEnd(other, "scribe");
    CHECK(world.lines("scribe.tries").size() == 3);
    CHECK(world.events("scribe").size() == 2);
}

TEST_CASE("a notifier that breaks down is tried a few times, then given up", "[delivery]") {
    for (const char* mood : {"crash", "defect", "refuse"}) {
        INFO(mood);
        Ended world(mood);
        for (int tries = 1; tries < notify::kMostBreakdowns; ++tries) {
            world.awaitTries(world.id, "scribe", tries);
            CHECK(world.now().state == "waiting");
            world.pass(kHour);
        }
        world.awaitTries(world.id, "scribe", notify::kMostBreakdowns);
        CHECK(world.now().state == "given_up");
        CHECK_FALSE(world.now().reason.empty());
    }
}

TEST_CASE("a notifier that breaks down once has still told everything", "[delivery]") {
    Ended world("crash");
    world.awaitTries(world.id, "scribe", 1);
    world.setMood("scribe", "");
    world.pass(kHour);
    world.awaitEnd(world.id, "scribe");
    CHECK(world.now().state == "delivered");
}

TEST_CASE("a failure for good is given up at once, and the next message goes out", "[delivery]") {
    World world;
    world.scribe("scribe").events = {"queued", "finished"};
    world.announce();
    world.setMood("scribe", "fail deployment.queued");
    const auto delivery = world.deliver();
    const auto id = world.deploy();
    world.awaitEnd(id, "scribe");
    const auto all = world.notifications(id, "scribe");
    REQUIRE(all.size() == 2);
    CHECK(all[0].state == "given_up");
    CHECK(all[0].attempts == 1);
    CHECK(all[0].reason == "it does not like deployment.queued");
    CHECK(all[1].state == "delivered");
}

TEST_CASE("a failure that could not be told is told when it comes again", "[delivery]") {
    World world;
    world.scribe("scribe").events = {"finished"};
    world.announce();
    world.setMood("scribe", "fail");
    const auto delivery = world.deliver();
    world.awaitEnd(world.deploy(StepState::failed, "vault_denied"), "scribe");
    world.setMood("scribe", "forget");
    world.awaitEnd(world.deploy(StepState::failed, "vault_denied"), "scribe");
    world.awaitEnd(world.deploy(StepState::failed, "vault_denied"), "scribe");
    CHECK(world.events("scribe") == Lines{"finished 2"});
}

TEST_CASE("the reason of a failure holds no secret", "[delivery]") {
    World world;
    world.masker.learn({"such channel"});
    world.scribe("scribe").events = {"finished"};
    world.announce();
    world.setMood("scribe", "fail");
    const auto delivery = world.deliver();
    const auto id = world.deploy();
    world.awaitEnd(id, "scribe");
    CHECK(world.notifications(id, "scribe").at(0).reason == "there is no [secret]. Make it.");
}

TEST_CASE("the log says once that a notifier is down, and once that it is back", "[delivery]") {
    notify::DeliveryLog log("slack");
    history::OutboxMessage message;
    message.notifier = "slack";
    message.event = "deployment.finished";
    message.deployment = 42;
    CHECK(fixtures::standardError([&] { log.delivered(); }).empty());
    CHECK_THAT(fixtures::standardError([&] { log.triedAgain(message, "429"); }),
               Contains("slack: deployment.finished of deployment 42 was not delivered, and is "
                        "tried again: 429"));
    CHECK(fixtures::standardError([&] { log.triedAgain(message, "503"); }).empty());
    CHECK_THAT(fixtures::standardError([&] { log.givenUp(message, "gone"); }),
               Contains("is given up: gone"));
    CHECK(fixtures::standardError([&] { log.givenUp(message, "gone"); }).empty());
    CHECK_THAT(fixtures::standardError([&] { log.givenUp(message, "archived"); }),
               Contains("archived"));
    CHECK_THAT(fixtures::standardError([&] { log.delivered(); }),
               Contains("slack: messages are delivered again"));
    CHECK(fixtures::standardError([&] { log.delivered(); }).empty());
}

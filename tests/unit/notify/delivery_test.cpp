// The outbox, carried to notifiers in their child processes.
#include <sys/stat.h>

#include <fstream>

#include "world.hpp"

using namespace iac;
using Catch::Contains;
using Lines = std::vector<std::string>;
using test::World;

TEST_CASE("every move of a deployment reaches its notifier, in order", "[delivery]") {
    World world;
    world.scribe("scribe");
    world.announce();
    const auto delivery = world.deliver();
    const auto id = world.queue();
    world.awaitEnd(id, "scribe");
    world.carryOut(id, StepState::changed);
    world.awaitEnd(id, "scribe");
    auto events = world.events("scribe");
    // A step that was overtaken by the end may be left out.
    std::erase(events, "step 1");
    CHECK(events == Lines{"queued 1", "started 1", "finished 1"});
    for (const auto& one : world.history.notifications(id)) {
        CHECK(one.state == "delivered");
        CHECK(one.attempts == 1);
        CHECK(one.delivered_at);
    }
}

TEST_CASE("of the steps that wait for a notifier the last one is told", "[delivery]") {
    World world;
    world.scribe("scribe").events = {"step", "finished"};
    world.announce();
    const auto first = world.deploy();
    const auto delivery = world.deliver();
    world.awaitEnd(first, "scribe");
    CHECK(world.events("scribe") == Lines{"finished 1"});

    const auto id = world.queue();
    world.begin(id, StepState::changed);
    world.awaitEnd(id, "scribe");
    CHECK(world.events("scribe").back() == "step 2");
}

TEST_CASE("what a notifier asks to remember comes back with the next message of the deployment",
          "[delivery]") {
    World world;
    world.scribe("scribe").events = {"queued", "finished"};
    world.announce();
    const auto delivery = world.deliver();
    const auto first = world.queue();
    world.awaitEnd(first, "scribe");
    world.carryOut(first, StepState::unchanged);
    world.awaitEnd(first, "scribe");
    const auto second = world.queue();
    world.awaitEnd(second, "scribe");
    const auto told = world.told("scribe");
    REQUIRE(told.size() == 3);  // the unchanged end too: the deployment was shown already
    CHECK(told[0]->getValue<std::string>("memory").empty());
    CHECK(told[1]->getValue<std::string>("memory") == "m");
    CHECK(told[2]->getValue<std::string>("memory").empty());
}

TEST_CASE("what is remembered by a call that failed comes back too", "[delivery]") {
    World world;
    world.scribe("scribe").events = {"finished"};
    world.announce();
    world.setMood("scribe", "remember and retry");
    const auto delivery = world.deliver();
    const auto id = world.deploy();
    world.awaitTries(id, "scribe", 1);
    world.setMood("scribe", "");
    world.pass(Duration{60'000});
    world.awaitEnd(id, "scribe");
    CHECK(world.told("scribe").at(0)->getValue<std::string>("memory").starts_with("r"));
}

TEST_CASE("a notifier that is held up does not hold up another", "[delivery]") {
    World world;
    world.scribe("slow").events = {"finished"};
    world.scribe("quick").events = {"finished"};
    world.announce();
    const auto gate = world.folder / "gate";
    REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
    world.setMood("slow", "wait " + gate.string());
    const auto delivery = world.deliver();
    std::vector<DeploymentId> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(world.deploy());
    for (const auto id : ids) world.awaitEnd(id, "quick");
    CHECK(world.events("quick").size() == 5);
    CHECK(world.notifications(ids[0], "slow").at(0).state == "waiting");
    CHECK(world.notifications(ids[4], "slow").at(0).state == "waiting");
    world.setMood("slow", "");
    std::ofstream(gate) << "go\n";
    for (const auto id : ids) world.awaitEnd(id, "slow");
    CHECK(world.events("slow") ==
          Lines{"finished 1", "finished 2", "finished 3", "finished 4", "finished 5"});
}

TEST_CASE("what waits when the runner stops is delivered after the next start", "[delivery]") {
    World world;
    world.scribe("scribe").events = {"finished"};
    world.announce();
    const auto id = world.deploy();
    world.deliver()->stop();
    const auto delivery = world.deliver();
    world.awaitEnd(id, "scribe");
    CHECK(world.events("scribe").back() == "finished 1");
}

TEST_CASE("a call that is stopped with the runner is no failure, and comes again", "[delivery]") {
    World world;
    world.scribe("scribe").events = {"finished"};
    world.announce();
    const auto gate = world.folder / "gate";
    REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
    world.setMood("scribe", "wait " + gate.string());
    const auto id = world.deploy();
    auto delivery = world.deliver();
    // Opened for writing once the scribe has it open for reading: it has written its line.
    const std::ofstream opened(gate);
    delivery->stop();
    world.setMood("scribe", "");
    delivery = world.deliver();
    world.awaitEnd(id, "scribe");
    const auto told = world.told("scribe");
    CHECK(world.notifications(id, "scribe").at(0).state == "delivered");
    CHECK(told.size() <= 2);
    CHECK(told.front()->getValue<std::string>("notification") ==
          told.back()->getValue<std::string>("notification"));
}

TEST_CASE("messages to a notifier that the configuration has lost are given up, and say so",
          "[delivery]") {
    World world;
    world.scribe("gone").events = {"finished"};
    world.announce();
    const auto id = world.deploy();
    world.notifiers.clear();
    const auto delivery = world.deliver();
    world.awaitEnd(id, "gone");
    const auto one = world.notifications(id, "gone").at(0);
    CHECK(one.state == "given_up");
    CHECK_THAT(one.reason, Contains("no such notifier"));
}

TEST_CASE("what nobody wants to hear of is not told", "[delivery]") {
    World world;
    auto& use = world.scribe("scribe");
    use.events = {"finished"};
    use.states = {"failed"};
    world.announce();
    const auto delivery = world.deliver();
    world.setMood("scribe", "forget");
    world.awaitEnd(world.deploy(), "scribe");
    world.awaitEnd(world.deploy(StepState::failed, "vault_denied"), "scribe");
    world.awaitEnd(world.deploy(StepState::failed, "vault_denied"), "scribe");
    world.awaitEnd(world.deploy(StepState::failed, "disk_full"), "scribe");
    world.awaitEnd(world.deploy(StepState::changed), "scribe");
    world.awaitEnd(world.deploy(StepState::changed), "scribe");
    CHECK(world.events("scribe") == Lines{"finished 2", "finished 4", "recovered 5"});
}

TEST_CASE("a failure, its repetition and its recovery are known across a restart", "[delivery]") {
    World world;
    world.scribe("scribe").events = {"finished"};
    world.announce();
    world.setMood("scribe", "forget");
    for (const auto& [end, kind] : {std::pair{StepState::failed, "vault_denied"},
                                    {StepState::failed, "vault_denied"},
                                    {StepState::changed, ""}}) {
        const auto delivery = world.deliver();
        world.awaitEnd(world.deploy(end, kind), "scribe");
    }
    CHECK(world.events("scribe") == Lines{"finished 1", "recovered 3"});
}

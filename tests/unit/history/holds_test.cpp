#include <catch2/catch.hpp>
#include <thread>

#include "fixtures/hold.hpp"
#include "unit/history/place.hpp"

using namespace iac;
using fixtures::holdOf;
using namespace iac::history;

namespace {

Event catchUp() {
    Event event;
    event.trigger = "release";
    event.kind = EventKind::change;
    event.environment = "staging";
    event.ref = "refs/heads/main";
    return event;
}

/// A change whose plan a hold has emptied of `service`.
void comeUnderHold(History& history, const char* delivery, const char* service) {
    history.admit(push(delivery), planOf({service}));
    const auto id = history.takeNext("staging").value().id;
    history.setPlan(id, "sha", Plan{{}, {{service, "held by ada", true}}}, {});
    history.finish(id, {DeploymentState::success, {}});
}

}  // namespace

TEST_CASE("a hold is remembered with who, why and until when, also after a restart", "[holds]") {
    Place history;
    auto hold = holdOf("staging", "a");
    hold.until = history.clock.now() + Duration(1'000);
    hold.rollback_of = 7;
    const auto rung = history->holdChanges().count();
    CHECK(history->place(hold).id == 1);
    history.awaitBells();
    CHECK(history->holdChanges().count() == rung + 1);
    history.reopen();
    REQUIRE(history->holds()->size() == 1);
    const Hold& kept = history->holds()->front();
    CHECK(kept.environment == "staging");
    CHECK(kept.service == "a");
    CHECK(kept.reason == "a migration");
    CHECK(kept.by == "ada");
    CHECK(kept.created_at == history.clock.now());
    CHECK(kept.until == hold.until);
    CHECK(kept.rollback_of == 7);
    CHECK(kept.isOpen(history.clock.now()));
    CHECK_FALSE(kept.isOpen(*hold.until));
    CHECK(kept.covers("staging", "a"));
    CHECK_FALSE(kept.covers("staging", "b"));
    CHECK_FALSE(kept.covers("production", "a"));
    CHECK(holdOf("staging").covers("staging", "b"));
}

TEST_CASE("the end of a hold deploys what it held, and only then", "[holds]") {
    Place history;
    const auto id = history->place(holdOf("staging")).id;
    SECTION("nothing was held: nothing is deployed") {
        CHECK(history->release(id, "bob", catchUp()).deployment == 0);
    }
    SECTION("a target was held: a change catches up with it, once") {
        comeUnderHold(*history, "d1", "a");
        CHECK(history->targets("staging").at(0).last_outcome == kHeldOutcome);
        const auto admission = history->release(id, "bob", catchUp());
        CHECK(admission.deployment == 2);
        CHECK(history->deployment(2)->trigger == "release");
    }
    SECTION("a target of another service was held: it is none of this hold's") {
        comeUnderHold(*history, "d1", "a");
        const auto other = history->place(holdOf("staging", "b")).id;
        CHECK(history->release(other, "bob", catchUp()).deployment == 0);
        REQUIRE(history->holds()->size() == 1);
        CHECK(history->holds()->front().id == id);
    }
    history.reopen();
    if (!history->holds()->empty()) return;  // it is still there, as it was seen above
    CHECK_THROWS_AS(history->release(id, "bob", catchUp()), WrongState);
    const auto all = history->allHolds({}, 10);
    REQUIRE(all.size() == 1);
    CHECK(all[0].released_by == "bob");
    CHECK(all[0].released_at == history.clock.now());
}

TEST_CASE("what comes under a hold that has just ended is asked for again", "[holds]") {
    Place history;
    comeUnderHold(*history, "d1", "a");  // its plan was made while there was one
    REQUIRE(history->takeNext("staging"));
    CHECK(history->deployment(2)->kind == EventKind::change);
}

TEST_CASE("the end of a rollback's hold deploys the newest", "[holds]") {
    Place history;
    auto hold = holdOf("staging", "a");
    hold.rollback_of = 7;
    const auto id = history->place(hold).id;
    CHECK(history->release(id, "bob", catchUp()).deployment == 1);
    const auto other = history->place(hold).id;
    CHECK(history->release(other, "bob", std::nullopt).deployment == 0);
}

TEST_CASE("whoever is told of a hold finds it", "[holds]") {
    Place history;
    constexpr std::size_t kHolds = 200;
    std::size_t missed = 0;
    std::thread listener([&] {
        auto& bell = history->holdChanges();
        for (auto seen = std::uint64_t{0}; seen < kHolds;) {
            seen = bell.wait(seen);
            // The bell may ring again before the look; it never rings before the change.
            if (history->holds()->size() < seen) ++missed;
        }
    });
    for (std::size_t i = 0; i < kHolds; ++i) history->place(holdOf("staging", std::to_string(i)));
    listener.join();
    CHECK(missed == 0);
}

TEST_CASE("a full queue refuses no change that the runner itself owes", "[holds]") {
    Limits limits;
    limits.waiting = 1;
    Place history(limits);
    const auto hold = history->place(holdOf("staging", "a"));
    SECTION("when a hold ends") {
        Plan held;
        held.skipped.push_back({"a", "held", true});
        const auto [id, steps] = runningDeployment(*history, push("d1"), {});
        history->setPlan(id, "sha", held, {});
        history->finish(id, {DeploymentState::success, {}});
        history->admit(request("v1"), planOf({"a"}));
        CHECK_THROWS_AS(history->admit(request("v2"), planOf({"a"})), QueueFull);
        CHECK(history->release(hold.id, "bob", catchUp()).deployment != 0);
    }
    SECTION("when a hold has ended while the plan was made") {
        Plan held;
        held.skipped.push_back({"a", "held", true});
        const auto [id, steps] = runningDeployment(*history, push("d1"), {});
        history->admit(request("v1"), planOf({"a"}));
        history->release(hold.id, "bob", std::nullopt);
        CHECK_NOTHROW(history->setPlan(id, "sha", held, {}));
        history->finish(id, {DeploymentState::success, {}});
        CHECK(history->takeNext("staging")->ref == "v1");
        history->finish(2, {DeploymentState::success, {}});
        CHECK(history->takeNext("staging")->subject == "what was held meanwhile");
    }
}

TEST_CASE("a rollback comes with its holds, or neither is there", "[holds]") {
    Limits limits;
    limits.waiting = 1;
    Place history(limits);
    auto rollback = request("sha", {"a", "b"});
    rollback.rollback_of = 7;
    auto hold = holdOf("staging", "a");
    hold.rollback_of = 7;
    const std::vector<Hold> holds{hold, holdOf("staging", "b")};
    SECTION("both are admitted, and a target that is held gets no second one") {
        history->place(holdOf("staging", "b"));
        const auto id = history->rollBack(rollback, planOf({"a", "b"}), holds).deployment;
        CHECK(history->deployment(id)->rollback_of == 7);
        CHECK(history->holds()->size() == 2);
        CHECK(history->rollBack(rollback, planOf({"a", "b"}), holds).duplicate);
        CHECK(history->holds()->size() == 2);
        CHECK(history->holds()->back().rollback_of == 7);
        history.reopen();
        CHECK(history->holds()->size() == 2);
    }
    SECTION("a hold whose time has passed is none") {
        auto passed = holdOf("staging", "a");
        passed.until = history.clock.now() + Duration(1);
        history->place(passed);
        history.clock.pass(Duration(1));
        history->rollBack(rollback, planOf({"a", "b"}), holds);
        CHECK(history->holds()->size() == 3);
    }
    SECTION("a queue that is full refuses both") {
        history->admit(request("v1"), planOf({"a"}));
        CHECK_THROWS_AS(history->rollBack(rollback, planOf({"a", "b"}), holds), QueueFull);
        CHECK(history->holds()->empty());
        history.reopen();
        CHECK(history->allHolds({}, 10).empty());
        CHECK(history->deployments({}).size() == 1);
        // What was undone used up no id.
        history->takeNext("staging");
        history->rollBack(rollback, planOf({"a", "b"}), holds);
        CHECK(history->holds()->front().id == 1);
    }
}

TEST_CASE("a plan keeps which services were held", "[holds]") {
    Place history;
    history->place(holdOf("staging"));
    comeUnderHold(*history, "d1", "a");
    const auto plan = history->deployment(1)->plan;
    REQUIRE(plan.skipped.size() == 1);
    CHECK(plan.skipped[0].held);
}

TEST_CASE("a dry run that meets a hold leaves the target as it is", "[holds]") {
    Place history;
    auto dry = push("d1");
    dry.dry_run = true;
    history->admit(dry, planOf({"a"}));
    const auto id = history->takeNext("staging").value().id;
    history->setPlan(id, "sha", Plan{{}, {{"a", "held", true}}}, {});
    CHECK(history->targets("staging").empty());
}

TEST_CASE("a token is known by its digest until it is revoked", "[holds]") {
    Place history;
    Token token;
    token.name = "ci";
    token.role = "deploy";
    token.created_by = "ada";
    CHECK(history->addToken(token, "digest 1") == 1);
    CHECK_THROWS_AS(history->addToken(token, "digest 2"), WrongState);
    history.reopen();
    const auto found = history->tokenOf("digest 1");
    REQUIRE(found);
    CHECK(found->name == "ci");
    CHECK(found->role == "deploy");
    CHECK(found->created_by == "ada");
    CHECK_FALSE(history->tokenOf("digest 2"));
    CHECK(history->revokeToken("ci"));
    CHECK_FALSE(history->revokeToken("ci"));
    CHECK_FALSE(history->tokenOf("digest 1"));
    // Its name is free again; what was stays to be seen.
    CHECK(history->addToken(token, "digest 3") > 1);
    const auto all = history->tokens();
    REQUIRE(all.size() == 2);
    CHECK(all[0].revoked_at == history.clock.now());
    CHECK_FALSE(all[1].revoked_at);
}

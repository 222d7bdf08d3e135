#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "fixtures/database.hpp"
#include "fixtures/hold.hpp"
#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;
using fixtures::holdOf;

namespace {

constexpr Duration kDay{86'400'000};

void deploy(Place& place, const std::string& ref, const std::string& service, StepState end) {
    const auto [id, steps] = runningDeployment(*place, request(ref, {service}), {service});
    place->startAttempt(steps[0].id);
    place->finishAttempt(steps[0].id, 1, {end, 0, ""});
    place->finishStep(steps[0].id, {end, "", {}, ""});
    place->finish(
        id, {end == StepState::failed ? DeploymentState::failed : DeploymentState::success, {}});
    place.clock.pass(kDay);
}

std::vector<DeploymentId> pruneAll(History& history, const Retention& retention) {
    std::vector<DeploymentId> all;
    while (true) {
        const auto some = history.prune(retention);
        if (some.nothing()) return all;
        all.insert(all.end(), some.deployments.begin(), some.deployments.end());
    }
}

}  // namespace

TEST_CASE("what is old goes, and what a target needs stays", "[retention]") {
    Place history;
    deploy(history, "v1", "a", StepState::changed);  // goes: two good ones came after it
    deploy(history, "v2", "a", StepState::changed);  // stays: a rollback goes to it
    deploy(history, "v3", "a", StepState::changed);  // stays: the last good one
    deploy(history, "v4", "a", StepState::failed);   // goes: one more came after it
    deploy(history, "v5", "a", StepState::failed);   // stays: the last one
    history->admit(push("d1"), planOf({"a"}));       // stays: it waits
    history.clock.pass(10 * kDay);
    CHECK(pruneAll(*history, {kDay, 0, Duration{0}}) == std::vector<DeploymentId>{1, 4});
    CHECK_FALSE(history->deployment(1));
    for (const DeploymentId kept : {2, 3, 5, 6}) CHECK(history->deployment(kept));
    CHECK(history->goodBefore(history->targets("staging").at(0))->last_good_revision == "sha-v2");
    history.reopen();
    CHECK_FALSE(history->deployment(4));
}

TEST_CASE("what is young stays, however much there is; the oldest go beyond a count",
          "[retention]") {
    Place history;
    for (int i = 0; i < 8; ++i) deploy(history, "v" + std::to_string(i), "a", StepState::changed);
    CHECK(pruneAll(*history, {365 * kDay, 0, Duration{0}}).empty());
    CHECK(pruneAll(*history, {Duration{0}, 3, Duration{0}}) ==
          std::vector<DeploymentId>{1, 2, 3, 4, 5});
    CHECK(history->deployments({}).size() == 3);
    CHECK(pruneAll(*history, {Duration{0}, 0, Duration{0}}).empty());
}

TEST_CASE("the newest is never removed, so that no id is used twice", "[retention]") {
    Place history;
    auto dry = request("v1");
    dry.dry_run = true;
    const auto [id, steps] = runningDeployment(*history, dry, {});
    history->finish(id, {DeploymentState::success, {}});
    history.clock.pass(2 * kDay);
    CHECK(history->prune({kDay, 0, kDay}).nothing());
    history.reopen();
    CHECK(history->admit(push("d1"), planOf({"a"})).deployment == id + 1);
}

TEST_CASE("an event stays as long as its deployment, and else for its own time", "[retention]") {
    Place history;
    history->admit(push("d1"), std::nullopt, "no service");
    deploy(history, "v1", "a", StepState::changed);
    history.clock.pass(kDay);
    CHECK(history->admit(push("d1"), std::nullopt).event == 1);  // still known
    history->admit(push("d2"), std::nullopt, "no service");
    CHECK(history->prune({Duration{0}, 0, kDay}).events == 1);
    CHECK(history->admit(push("d1"), std::nullopt).event == 4);  // forgotten
    CHECK(history->event(2));
}

TEST_CASE("holds that have ended go with what is old, and open ones stay", "[retention]") {
    Place history;
    const Retention retention{kDay, 0, Duration{0}};
    const auto ended = history->place(holdOf("staging", "a")).id;
    const auto open = history->place(holdOf("staging", "b")).id;
    auto freeze = holdOf("production");
    freeze.until = history.clock.now() + 10 * kDay;
    const auto early = history->place(freeze).id;
    const auto late = history->place(holdOf("staging", "c")).id;
    const auto newest = history->place(holdOf("staging", "d")).id;
    for (const auto id : {ended, early, newest}) history->release(id, "ada", std::nullopt);
    history.clock.pass(Duration(1));
    history->release(late, "ada", std::nullopt);
    history.clock.pass(kDay);
    const auto left = [&] {
        std::vector<HoldId> ids;
        for (const Hold& hold : history->allHolds({}, 10)) ids.push_back(hold.id);
        return ids;
    };
    CHECK(history->prune(retention).holds == 1);
    CHECK(left() == std::vector<HoldId>{newest, late, early, open});
    CHECK(history->prune(retention).nothing());
    history.clock.pass(Duration(1));
    CHECK(history->prune(retention).holds == 1);
    // Until its time is over the freeze is known, so that nobody places it again.
    history.clock.pass(9 * kDay);
    CHECK(history->prune(retention).nothing());
    history.clock.pass(2 * kDay);
    CHECK(history->prune(retention).holds == 1);
    CHECK(left() == std::vector<HoldId>{newest, open});
    CHECK(history->holds()->size() == 1);
    CHECK(history->prune({Duration{0}, 1, kDay}).nothing());
    // No id is used twice.
    history.reopen();
    CHECK(history->place(holdOf("staging", "e")).id == newest + 1);
}

TEST_CASE("tokens that were revoked go with what is old, and the others stay", "[retention]") {
    Place history;
    const auto add = [&](const std::string& name) {
        Token token;
        token.name = name;
        token.role = "read";
        return history->addToken(token, "digest of " + name);
    };
    add("revoked");
    add("used");
    add("the newest");
    history->revokeToken("revoked");
    history->revokeToken("the newest");
    history.clock.pass(kDay);
    CHECK(history->prune({kDay, 0, kDay}).nothing());
    history.clock.pass(Duration(1));
    CHECK(history->prune({kDay, 0, kDay}).tokens == 1);
    CHECK(history->prune({kDay, 0, kDay}).nothing());
    REQUIRE(history->tokens().size() == 2);
    CHECK(history->tokens().front().name == "used");
    CHECK(history->tokenOf("digest of used"));
    history.reopen();
    CHECK(add("revoked") == 4);
}

TEST_CASE("what goes goes a few at a time", "[retention]") {
    Place history;
    history.history.reset();
    fixtures::ask(history.folder.database(),
                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 502) "
                  "INSERT INTO holds (id, environment, service, reason, placed_by, "
                  "created_at, released_at) SELECT i, 'staging', 'a', 'why', 'ada', 1, 2 FROM n");
    history.open();
    const Retention retention{kDay, 0, Duration{0}};
    CHECK(history->prune(retention).holds == 500);
    CHECK(history->prune(retention).holds == 1);
    CHECK(history->prune(retention).nothing());
}

TEST_CASE("a backup made while somebody writes is whole, and replaces nothing", "[retention]") {
    Place history;
    for (int i = 0; i < 20; ++i) deploy(history, "v" + std::to_string(i), "a", StepState::changed);
    const auto copy = history.folder.path() / "copy.db";
    std::atomic<bool> enough{false};
    std::thread busy([&] {
        for (int i = 0; !enough; ++i)
            history->admit(push("d" + std::to_string(i)), std::nullopt, "no service");
    });
    CHECK_NOTHROW(backup(history.folder.database(), copy));
    enough = true;
    busy.join();
    {
        Folder other;
        std::filesystem::copy(copy, other.database());
        History restored(other.database(), {}, history.clock);
        CHECK(restored.deployments({}).size() == 20);
    }
    CHECK((std::filesystem::status(copy).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    CHECK_THROWS_WITH(backup(history.folder.database(), copy),
                      Catch::Contains("a backup replaces nothing"));
    CHECK_THROWS_WITH(backup(history.folder.path() / "nothing.db", copy),
                      Catch::Contains("There is no history at"));
    const auto text = history.folder.path() / "text";
    std::ofstream(text) << "no database";
    CHECK_THROWS_AS(backup(text, history.folder.path() / "other.db"), std::runtime_error);
    CHECK_FALSE(std::filesystem::exists(history.folder.path() / "other.db"));
}

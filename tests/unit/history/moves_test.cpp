#include <array>
#include <catch2/catch.hpp>

#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;

TEST_CASE("a deployment runs from the queue to its end, with steps and attempts", "[moves]") {
    Place history;
    history->admit(push("d1"), planOf({"a", "b"}));
    const auto begun = history.clock.now();
    const Deployment taken = history->takeNext("staging").value();
    CHECK(taken.id == 1);
    CHECK(taken.state == DeploymentState::running);
    CHECK(taken.started_at == begun);
    CHECK_FALSE(history->takeNext("staging"));
    CHECK_FALSE(history->takeNext("production"));
    CHECK(history->running() == std::vector<DeploymentId>{1});

    const Plan truth{{{"a", "r1"}, {"b", "r2"}}, {{"c", "no"}}};
    const auto steps = history->setPlan(1, "sha1", truth, {"invoke", "dokploy"});
    REQUIRE(steps.size() == 2);
    CHECK(steps[0].service == "a");
    CHECK(steps[1].position == 1);
    CHECK(steps[1].executor == "dokploy");
    CHECK(steps[1].reason == "r2");
    CHECK(steps[1].state == StepState::pending);

    history.clock.pass(Duration(10));
    CHECK(history->startAttempt(steps[0].id, {"acme.x", "1.0.0", "aa"}) == 1);
    history->finishAttempt(steps[0].id, 1, {StepState::failed, 2, "no luck"});
    CHECK(history->deployment(1)->steps[0].plugin == UsedPlugin{"acme.x", "1.0.0", "aa"});
    CHECK(history->startAttempt(steps[0].id, {"acme.x", "1.1.0", "bb"}) == 2);
    history->finishAttempt(steps[0].id, 2, {StepState::changed, 0, ""});
    history->finishStep(steps[0].id, {StepState::changed, "done", {}, "hash"});
    history->finishStep(steps[1].id, {StepState::skipped, "because of a", {}, ""});
    history.clock.pass(Duration(10));
    history->finish(1, {DeploymentState::failed, {"kind", "summary", "do this"}});

    const Deployment ended = history->deployment(1).value();
    CHECK(ended.state == DeploymentState::failed);
    CHECK(ended.revision == "sha1");
    CHECK(ended.plan == truth);
    CHECK(ended.finished_at == begun + Duration(20));
    CHECK(ended.diagnosis == Diagnosis{"kind", "summary", "do this"});
    REQUIRE(ended.steps.size() == 2);
    CHECK(ended.steps[0].state == StepState::changed);
    CHECK(ended.steps[0].summary == "done");
    CHECK(ended.steps[0].config_hash == "hash");
    CHECK(ended.steps[0].plugin == UsedPlugin{"acme.x", "1.1.0", "bb"});
    CHECK(ended.steps[1].plugin == UsedPlugin{});
    CHECK(ended.steps[0].started_at == begun + Duration(10));
    REQUIRE(ended.steps[0].attempts.size() == 2);
    CHECK(ended.steps[0].attempts[0].exit_code == 2);
    CHECK(ended.steps[0].attempts[0].message == "no luck");
    CHECK(ended.steps[0].attempts[0].state == StepState::failed);
    CHECK(ended.steps[0].attempts[1].number == 2);
    CHECK(ended.steps[1].state == StepState::skipped);
    CHECK(ended.steps[1].summary == "because of a");
    CHECK(ended.steps[1].attempts.empty());
    CHECK(history->running().empty());
    CHECK(history->deployments({}).at(0).steps.empty());
}

TEST_CASE("an attempt that ended without a program has no exit code", "[moves]") {
    Place history;
    const auto [id, steps] = runningDeployment(*history, request("v1"), {"a"});
    history->startAttempt(steps[0].id);
    history->finishAttempt(steps[0].id, 1, {StepState::failed, std::nullopt, "could not start"});
    CHECK_FALSE(history->deployment(id).value().steps.at(0).attempts.at(0).exit_code);
}

TEST_CASE("every move that the table does not have is refused and changes nothing", "[moves]") {
    Place history;
    const auto [id, steps] = runningDeployment(*history, request("v1"), {"a", "b", "c"});
    const StepId pending = steps[0].id, running = steps[1].id, ended = steps[2].id;
    history->startAttempt(running);
    history->startAttempt(ended);
    history->finishAttempt(ended, 1, {StepState::unchanged, 0, ""});
    history->finishStep(ended, {StepState::unchanged, "", {}, ""});
    history->admit(request("v2"), planOf({"a"}));

    CHECK_THROWS_AS(history->finishStep(pending, {StepState::changed, "", {}, ""}), WrongState);
    CHECK_THROWS_AS(history->finishStep(pending, {StepState::running, "", {}, ""}), WrongState);
    CHECK_THROWS_AS(history->finishStep(running, {StepState::skipped, "", {}, ""}), WrongState);
    CHECK_THROWS_AS(history->finishStep(running, {StepState::pending, "", {}, ""}), WrongState);
    CHECK_THROWS_AS(history->finishStep(ended, {StepState::failed, "", {}, ""}), WrongState);
    CHECK_THROWS_AS(history->startAttempt(running), WrongState);
    CHECK_THROWS_AS(history->startAttempt(ended), WrongState);
    CHECK_THROWS_AS(history->startAttempt(999), WrongState);
    CHECK_THROWS_AS(history->finishAttempt(ended, 1, {StepState::failed, 1, ""}), WrongState);
    CHECK_THROWS_AS(history->finishAttempt(running, 2, {StepState::failed, 1, ""}), WrongState);
    CHECK_THROWS_AS(history->finishAttempt(running, 1, {StepState::skipped, 1, ""}), WrongState);
    CHECK_THROWS_AS(history->finish(2, {DeploymentState::success, {}}), WrongState);
    CHECK_THROWS_AS(history->finish(id, {DeploymentState::superseded, {}}), WrongState);
    CHECK_THROWS_AS(history->finish(id, {DeploymentState::queued, {}}), WrongState);
    CHECK_THROWS_AS(history->finish(999, {DeploymentState::failed, {}}), WrongState);
    CHECK_THROWS_AS(history->handBack(2, true), WrongState);
    CHECK_THROWS_AS(history->setPlan(2, "sha", planOf({"a"}), {"invoke"}), WrongState);
    CHECK_THROWS_AS(history->setPlan(id, "sha", planOf({"a"}), {}), std::invalid_argument);

    const auto deployment = history->deployment(id).value();
    CHECK(deployment.state == DeploymentState::running);
    CHECK(deployment.revision == "sha-v1");
    CHECK(deployment.steps.at(0).state == StepState::pending);
    CHECK(deployment.steps.at(1).state == StepState::running);
    CHECK(deployment.steps.at(1).attempts.at(0).state == StepState::running);
    CHECK(deployment.steps.at(2).state == StepState::unchanged);
    CHECK(history->deployment(2).value().state == DeploymentState::queued);

    history->finish(id, {DeploymentState::failed, {}});
    CHECK_THROWS_AS(history->finish(id, {DeploymentState::success, {}}), WrongState);
    CHECK_THROWS_AS(history->startAttempt(pending), WrongState);
    CHECK_THROWS_AS(history->finishStep(running, {StepState::changed, "", {}, ""}), WrongState);
}

TEST_CASE("steps that are still open when a deployment ends are cancelled with it", "[moves]") {
    Place history;
    const auto [id, steps] = runningDeployment(*history, request("v1"), {"a", "b"});
    history->startAttempt(steps[0].id);
    history->finish(id, {DeploymentState::cancelled, {}});
    const auto ended = history->deployment(id).value();
    CHECK(ended.steps.at(0).state == StepState::cancelled);
    CHECK(ended.steps.at(0).attempts.at(0).state == StepState::cancelled);
    CHECK(ended.steps.at(1).state == StepState::cancelled);
}

TEST_CASE("what a dead runner left running is handed back and goes on where it was", "[moves]") {
    Place history;
    const auto [id, steps] = runningDeployment(*history, push("d1"), {"a", "b", "c", "d"});
    history->startAttempt(steps[0].id);
    history->finishAttempt(steps[0].id, 1, {StepState::changed, 0, ""});
    history->finishStep(steps[0].id, {StepState::changed, "well", {}, ""});
    history->finishStep(steps[3].id, {StepState::skipped, "not well", {}, ""});
    history->startAttempt(steps[1].id);
    history.reopen();

    REQUIRE(history->running() == std::vector<DeploymentId>{id});
    history->handBack(id, true);

    const auto back = history->deployment(id).value();
    CHECK(back.state == DeploymentState::queued);
    CHECK_FALSE(back.started_at);
    CHECK(back.steps.at(1).state == StepState::pending);
    CHECK(back.steps.at(1).attempts.at(0).state == StepState::pending);
    CHECK(back.steps.at(1).attempts.at(0).finished_at);

    SECTION("and runs again: what ended well stays, the rest is made anew") {
        CHECK(history->takeNext("staging").value().id == id);
        const auto again =
            history->setPlan(id, "sha2", planOf({"e", "a", "b", "d"}), {"x", "x", "x", "x"});
        REQUIRE(again.size() == 4);
        CHECK(again[0].service == "e");
        CHECK(again[1].id == steps[0].id);
        CHECK(again[1].state == StepState::changed);
        CHECK(again[1].summary == "well");
        CHECK(again[2].state == StepState::pending);
        CHECK(again[2].attempts.size() == 1);
        CHECK(again[3].state == StepState::pending);
        CHECK(again[3].summary.empty());
        CHECK(history->startAttempt(again[2].id) == 2);
        const auto all = history->deployment(id).value().steps;
        REQUIRE(all.size() == 5);
        CHECK(all[4].service == "c");
        CHECK(all[4].state == StepState::cancelled);
    }
    SECTION("or is taken over by a newer push, and its open steps end") {
        CHECK(history->admit(push("d2"), planOf({"z"})).superseded == id);
        const auto older = history->deployment(id).value();
        CHECK(older.state == DeploymentState::superseded);
        CHECK(older.steps.at(1).state == StepState::cancelled);
        CHECK(older.steps.at(0).state == StepState::changed);
        CHECK(servicesOf(history->deployment(2).value().plan) ==
              std::vector<std::string>{"a", "b", "c", "d", "z"});
    }
    SECTION("or ends without having run") {
        history->finish(id, {DeploymentState::cancelled, {}});
        CHECK_FALSE(history->takeNext("staging"));
    }
}

TEST_CASE("a target remembers its last outcome and its last good revision", "[moves]") {
    Place history;
    const auto deploy = [&](Event event, StepState outcome) {
        const auto [id, steps] = runningDeployment(*history, event, {"a"});
        history->startAttempt(steps[0].id);
        history->finishAttempt(steps[0].id, 1, {outcome, 0, ""});
        history->finishStep(steps[0].id, {outcome, "", {}, ""});
        history->finish(id, {DeploymentState::success, {}});
    };
    CHECK(history->targets("staging").empty());
    deploy(request("v1"), StepState::unchanged);
    deploy(request("v2"), StepState::failed);
    Event dry = request("v3");
    dry.dry_run = true;
    deploy(dry, StepState::changed);

    const auto targets = history->targets("staging");
    REQUIRE(targets.size() == 1);
    CHECK(targets[0].service == "a");
    CHECK(targets[0].environment == "staging");
    CHECK(targets[0].last_good_revision == "sha-v1");
    CHECK(targets[0].last_good_deployment == 1);
    CHECK(targets[0].last_outcome == "failed");
    CHECK(targets[0].last_deployment == 2);
    CHECK(targets[0].updated_at == history.clock.now());
    CHECK(history->targets("production").empty());

    history->admit(push("d1"), planOf({"a"}));
    CHECK(history->pinnedRevisions() == std::vector<std::string>{"revision of d1", "sha-v1"});
}

TEST_CASE("a deployment takes the subject of its commit where the event had none", "[moves]") {
    Place history;
    history->admit(push("d1"), planOf({}));
    history->admit(request("v1"), planOf({}));
    for (const DeploymentId id : {1, 2}) {
        REQUIRE(history->takeNext("staging")->id == id);
        history->setPlan(id, "sha", Plan{}, {}, "of the commit");
        history->finish(id, {DeploymentState::success, {}});
    }
    CHECK(history->deployment(1)->subject == "a \"subject\"");
    CHECK(history->deployment(2)->subject == "of the commit");
}

TEST_CASE("an environment has no next deployment while one runs in it", "[moves]") {
    Place history;
    const auto first = history->admit(request("v1"), planOf({"a"})).deployment;
    const auto second = history->admit(request("v2"), planOf({"a"})).deployment;
    CHECK(history->takeNext("staging")->id == first);
    CHECK_FALSE(history->takeNext("staging"));
    history->handBack(first, true);
    CHECK(history->takeNext("staging")->id == first);
    history->finish(first, {DeploymentState::success, {}});
    CHECK(history->takeNext("staging")->id == second);
}

TEST_CASE("who is told can be changed between two moves", "[moves]") {
    Place history;
    const auto to = [&](const char* notifier) {
        history->announceTo([notifier](std::string_view, std::string_view) {
            return std::vector<std::string>{notifier};
        });
    };
    to("old");
    history->admit(push("d1"), planOf({"a"}));
    to("new");
    history->takeNext("staging");
    CHECK(history->waitingMessages() ==
          std::map<std::string, std::int64_t>{{"old", 1}, {"new", 1}});
}

TEST_CASE("each bell rings after the commits that concern it, and after no other", "[moves]") {
    Place history;
    history->announceTo([](std::string_view event, std::string_view) {
        return std::vector<std::string>(event == "deployment.finished" ? 1 : 0, "slack");
    });
    using Rings = std::array<std::uint64_t, 3>;
    Rings before{};
    const auto rings = [&] {
        history.awaitBells();
        const Rings now{history->changes().count(), history->queued().count(),
                        history->messages().count()};
        const Rings since{now[0] - before[0], now[1] - before[1], now[2] - before[2]};
        before = now;
        return since;
    };
    // Who waits for a change, and looks with a transaction, must not wake itself.
    CHECK(rings() == Rings{0, 0, 0});
    const auto id = history->admit(push("d1"), planOf({"a"})).deployment;
    CHECK(rings() == Rings{1, 1, 0});
    history->takeNext("staging");
    CHECK(rings() == Rings{1, 0, 0});
    history->handBack(id, true);
    CHECK(rings() == Rings{1, 1, 0});
    history->takeNext("staging");
    CHECK(rings() == Rings{1, 0, 0});
    history->finish(id, {DeploymentState::success, {}});
    CHECK(rings() == Rings{1, 0, 1});
    history->admit(push("d2"), std::nullopt, "no service");
    CHECK(rings() == Rings{1, 0, 0});
}

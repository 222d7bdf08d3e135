#include <catch2/catch.hpp>

#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;
using Names = std::vector<std::string>;

TEST_CASE("the revisions of what was taken over stay with what took it over", "[merging]") {
    Limits limits;
    limits.revisions_per_deployment = 3;
    Place history(limits);
    const auto admitted = [&](const Event& event) {
        return history->deployment(history->admit(event, planOf({"a"})).deployment).value();
    };
    CHECK(admitted(push("d1")).taken_over.empty());
    const auto second = admitted(push("d2"));
    CHECK(second.revision == "revision of d2");
    CHECK(second.taken_over == Names{"revision of d1"});

    SECTION("all of them, in the order of their arrival, after a restart too") {
        history.reopen();
        CHECK(admitted(push("d3")).taken_over == Names{"revision of d1", "revision of d2"});
        CHECK(history->deployment(2).value().taken_over.empty());
        CHECK(history->takeNext("staging").value().taken_over ==
              Names{"revision of d1", "revision of d2"});
    }
    SECTION("the latest of them, where there are more than the limit") {
        for (const char* id : {"d3", "d4"}) history->admit(push(id), planOf({"a"}));
        CHECK(admitted(push("d5")).taken_over ==
              Names{"revision of d2", "revision of d3", "revision of d4"});
    }
    SECTION("each once, and neither its own nor one that is not known") {
        Event same = push("d3"), unknown = push("d4");
        same.revision = "revision of d1";
        unknown.revision.clear();
        CHECK(admitted(same).taken_over == Names{"revision of d2"});
        CHECK(admitted(unknown).taken_over == Names{"revision of d2", "revision of d1"});
        CHECK(admitted(push("d5")).taken_over == Names{"revision of d2", "revision of d1"});
    }
    SECTION("but not those of a request, which takes over nothing") {
        CHECK(admitted(request("v1")).taken_over.empty());
    }
}

TEST_CASE("a change handed back beside a newer one is taken over by that", "[merging]") {
    Limits limits;
    limits.waiting = 1;
    Place history(limits);
    const auto [id, steps] = runningDeployment(*history, push("d1", {"1"}), {"a", "b"});
    history->startAttempt(steps[0].id);
    const auto newer = history->admit(push("d2", {"2"}), planOf({"c"})).deployment;
    history->handBack(id, true);

    const auto back = history->deployment(id).value();
    CHECK(back.state == DeploymentState::superseded);
    CHECK(back.superseded_by == newer);
    CHECK(back.finished_at);
    CHECK(back.steps.at(0).state == StepState::cancelled);
    CHECK(back.steps.at(0).attempts.at(0).state == StepState::pending);
    CHECK(back.steps.at(1).state == StepState::cancelled);
    CHECK(history->admit(push("d1"), planOf({"a"})).deployment == newer);
    CHECK_THROWS_AS(history->admit(request("v1"), planOf({"a"})), QueueFull);

    const auto next = history->takeNext("staging").value();
    CHECK(next.id == newer);
    CHECK(next.revision == "revision of d2");
    CHECK(next.taken_over == Names{"sha-refs/heads/main"});
    CHECK(next.before == "before d1");
    CHECK(next.paths == Names{"1", "2"});
    CHECK(servicesOf(next.plan) == Names{"a", "b", "c"});
    CHECK_FALSE(history->takeNext("staging"));
    CHECK(history->running() == std::vector<DeploymentId>{newer});
    CHECK(history->admit(request("v1"), planOf({"a"})).deployment == 3);
}

TEST_CASE("what is handed back waits again beside what does not take it over", "[merging]") {
    Place history;
    const auto [id, steps] = runningDeployment(*history, push("d1"), {"a"});
    Event dry = push("d2"), production = push("d3");
    dry.dry_run = true;
    production.environment = "production";
    for (const Event& other : {dry, production, request("v1")})
        history->admit(other, planOf({"a"}));
    history->handBack(id, false);
    CHECK(history->takeNext("staging").value().id == id);
}

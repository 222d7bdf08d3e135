#include <catch2/catch.hpp>

#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;
using Names = std::vector<std::string>;

TEST_CASE("an admitted push is a queued deployment with everything the event said", "[admission]") {
    Place history;
    Event event = push("d1", {"platform/01.postgres/compose.yaml", "line\nbreak \"and\" \\ \x01"});
    event.tag = "v1";
    event.services = {"b", "a", "b"};
    const Plan plan{{{"platform/postgres", "by a rule"}}, {{"bootstrap/vault", "by hand"}}};

    const Admission admission = history->admit(event, plan);

    CHECK(admission.event == 1);
    CHECK(admission.deployment == 1);
    CHECK_FALSE(admission.duplicate);
    CHECK(admission.superseded == 0);
    CHECK(admission.plan == plan);

    const auto deployment = history->deployment(1).value();
    CHECK(deployment.state == DeploymentState::queued);
    CHECK(deployment.event == 1);
    CHECK(deployment.kind == EventKind::change);
    CHECK(deployment.environment == "staging");
    CHECK(deployment.trigger == "github");
    CHECK(deployment.triggered_by == "octocat");
    CHECK(deployment.subject == "a \"subject\"");
    CHECK(deployment.ref == "refs/heads/main");
    CHECK(deployment.tag == "v1");
    CHECK(deployment.revision == event.revision);
    CHECK(deployment.before == event.before);
    CHECK(deployment.paths == event.paths);
    CHECK(deployment.paths_complete);
    CHECK(deployment.services == Names{"a", "b"});
    CHECK_FALSE(deployment.dry_run);
    CHECK(deployment.plan == plan);
    CHECK(deployment.created_at == history.clock.now());
    CHECK_FALSE(deployment.started_at);
    CHECK_FALSE(deployment.finished_at);
    CHECK(deployment.steps.empty());

    const auto kept = history->event(1).value();
    CHECK(kept.trigger == event.trigger);
    CHECK(kept.kind == event.kind);
    CHECK(kept.delivery == event.delivery);
    CHECK(kept.body_digest == event.body_digest);
    CHECK(kept.paths == event.paths);
    CHECK(kept.paths_complete);
    CHECK(kept.before == event.before);
    CHECK_FALSE(history->event(2));
    CHECK_FALSE(history->deployment(2));
}

TEST_CASE("an event with nothing to deploy is written down without a deployment", "[admission]") {
    Place history;
    const Admission admission = history->admit(push("d1"), std::nullopt, "touches no service");
    CHECK(admission.event == 1);
    CHECK(admission.deployment == 0);
    CHECK(history->event(1));
    CHECK(history->deployments({}).empty());

    SECTION("and a redelivery that finds something to deploy is tried") {
        const Admission again = history->admit(push("d1"), planOf({"a"}));
        CHECK(again.event == 1);
        CHECK(again.deployment == 1);
        CHECK_FALSE(again.duplicate);
    }
    SECTION("and a redelivery that still finds nothing writes nothing") {
        const Admission again = history->admit(push("d1"), std::nullopt, "touches no service");
        CHECK(again.event == 1);
        CHECK(again.deployment == 0);
        CHECK_FALSE(history->event(2));
    }
}

TEST_CASE("a delivery seen before is answered with its deployment, also after a restart",
          "[admission]") {
    Place history;
    history->admit(push("d1"), planOf({"a"}));
    history.clock.pass(std::chrono::hours(24 * 365));
    history.reopen();

    const Admission again = history->admit(push("d1"), planOf({"b"}));
    CHECK(again.duplicate);
    CHECK(again.event == 1);
    CHECK(again.deployment == 1);
    CHECK(servicesOf(again.plan) == Names{"a"});
    CHECK(history->deployments({}).size() == 1);

    SECTION("of that trigger only") {
        Event other = push("d1");
        other.trigger = "gitlab";
        CHECK_FALSE(history->admit(other, planOf({"a"})).duplicate);
    }
}

TEST_CASE("admission takes a known delivery with another body for a new event", "[admission]") {
    Place history;
    history->admit(push("d1"), planOf({"a"}));
    Event other = push("d1");
    other.body_digest = "another";
    other.revision = std::string(40, 'e');

    const Admission admission = history->admit(other, planOf({"b"}));
    CHECK_FALSE(admission.duplicate);
    CHECK(admission.event == 2);
    CHECK(admission.deployment == 2);
    SECTION("and each of the two is known when it comes again") {
        CHECK(history->admit(push("d1"), planOf({"a"})).event == 1);
        CHECK(history->admit(other, planOf({"b"})).event == 2);
        CHECK_FALSE(history->event(3));
    }
    SECTION("also when the first was ignored") {
        history->admit(push("d3"), std::nullopt, "touches no service");
        Event third = push("d3");
        third.body_digest = "third";
        third.revision = std::string(40, 'f');
        CHECK(history->admit(third, planOf({"c"})).deployment == 3);
    }
}

TEST_CASE("a change whose commit is not in the repository gives back what it took over",
          "[admission]") {
    Place history;
    Event good = push("d1"), unknown = push("d2");
    good.revision = std::string(40, 'a');
    unknown.revision = std::string(40, 'b');
    unknown.body_digest = "other";
    history->admit(good, planOf({"a"}));
    history->admit(unknown, planOf({"b"}));
    REQUIRE(history->takeNext("staging")->taken_over == Names{good.revision});
    history->finish(2, {DeploymentState::failed, {"ref_not_found", "", ""}, true});

    const auto again = history->takeNext("staging");
    REQUIRE(again);
    CHECK(again->kind == EventKind::change);
    CHECK(again->ref == good.ref);
    CHECK(again->revision.empty());  // the head of the branch
    CHECK(again->before == good.before);
    CHECK(again->subject == "what deployment 2 had taken over");

    SECTION("and nothing when it took over nothing") {
        history->finish(3, {DeploymentState::failed, {"ref_not_found", "", ""}, true});
        CHECK_FALSE(history->takeNext("staging"));
    }
}

TEST_CASE("an ignored event that comes again is counted, not stored again", "[admission]") {
    Place history;
    for (int i = 0; i < 50; ++i) {
        Event event = push("d" + std::to_string(i));
        event.body_digest = "the same";
        CHECK(history->admit(event, std::nullopt, "another branch").event == 1);
    }
    auto events = history->events({});
    REQUIRE(events.size() == 1);
    CHECK(events[0].repeats == 49);
    SECTION("another body is another event") {
        CHECK(history->admit(push("other"), std::nullopt, "another branch").event == 2);
    }
    SECTION("and so is the same of another trigger, or a day later") {
        Event event = push("x");
        event.body_digest = "the same";
        event.trigger = "gitlab";
        CHECK(history->admit(event, std::nullopt, "another branch").event == 2);
        history.clock.pass(std::chrono::hours(25));
        event.trigger = "github";
        event.delivery = "y";
        CHECK(history->admit(event, std::nullopt, "another branch").event == 3);
    }
    SECTION("what leads to a deployment is always an event of its own") {
        Event event = push("z");
        event.body_digest = "the same";
        CHECK(history->admit(event, planOf({"a"})).deployment == 1);
    }
}

TEST_CASE("an event names every deployment that it led to", "[admission]") {
    Place history;
    history->admit(push("d1"), planOf({"a"}));
    for (const DeploymentId id : {1, 2}) {
        history->takeNext("staging");
        history->finish(id, {DeploymentState::failed, {}});
        CHECK(history->admit(push("d1"), planOf({"a"})).deployment == id + 1);
    }
    const auto events = history->events({});
    REQUIRE(events.size() == 1);
    CHECK(events[0].deployment == 3);
    CHECK(events[0].deployments == std::vector<DeploymentId>{1, 2, 3});
    history->admit(push("d2"), std::nullopt, "touches no service");
    CHECK(history->events({}).front().deployments.empty());
}

TEST_CASE("a redelivery of a deployment that failed or was cancelled is tried again",
          "[admission]") {
    Place history;
    history->admit(push("d1"), planOf({"a"}));
    history->takeNext("staging");
    const auto end =
        GENERATE(DeploymentState::failed, DeploymentState::cancelled, DeploymentState::success);
    history->finish(1, {end, {}});

    const Admission again = history->admit(push("d1"), planOf({"a"}));

    if (end == DeploymentState::success) {
        CHECK(again.duplicate);
        CHECK(again.deployment == 1);
    } else {
        CHECK_FALSE(again.duplicate);
        CHECK(again.deployment == 2);
        CHECK(again.event == 1);
        CHECK(history->admit(push("d1"), planOf({"a"})).deployment == 2);
    }
}

TEST_CASE("the same push under another id within the window is one", "[admission]") {
    Place history;
    Event second = push("d2");
    second.body_digest = push("d1").body_digest;
    history->admit(push("d1"), planOf({"a"}));

    SECTION("just inside: and the second id is remembered too") {
        history.clock.pass(history.limits.same_push_window - Duration(1));
        const Admission twin = history->admit(second, planOf({"a"}));
        CHECK(twin.duplicate);
        CHECK(twin.deployment == 1);
        CHECK(twin.event == 2);
        history.clock.pass(std::chrono::hours(1));
        const Admission redelivered = history->admit(second, planOf({"a"}));
        CHECK(redelivered.duplicate);
        CHECK(redelivered.event == 2);
    }
    SECTION("just outside it is another push") {
        history.clock.pass(history.limits.same_push_window);
        CHECK_FALSE(history->admit(second, planOf({"a"})).duplicate);
    }
    SECTION("without a revision the same words ask for whatever is newest by now") {
        Event words = push("d3");
        words.delivery.clear();
        words.revision.clear();
        const auto first = history->admit(words, planOf({"a"})).deployment;
        const Admission again = history->admit(words, planOf({"a"}));
        CHECK_FALSE(again.duplicate);
        CHECK(again.superseded == first);
    }
    SECTION("a request with an equal body is no push") {
        second.kind = EventKind::request;
        CHECK_FALSE(history->admit(second, planOf({"a"})).duplicate);
    }
}

TEST_CASE("a push takes over the one that waits, with its services and paths", "[admission]") {
    Place history;
    history->admit(push("d1", {"p1", "p2"}), Plan{{{"a", "r1"}, {"c", "r1"}}, {{"s", "w1"}}});
    history->admit(push("d2", {"p2", "p3"}), Plan{{{"b", "r2"}, {"c", "r2"}}, {{"a", "w2"}}});
    const Admission third = history->admit(push("d3", {"p4"}), planOf({"d"}));

    CHECK(third.deployment == 3);
    CHECK(third.superseded == 2);
    CHECK(servicesOf(third.plan) == Names{"a", "b", "c", "d"});
    REQUIRE(third.plan.skipped.size() == 1);
    CHECK(third.plan.skipped[0].service == "s");

    const auto newest = history->deployment(3).value();
    CHECK(newest.plan == third.plan);
    CHECK(newest.paths == Names{"p1", "p2", "p3", "p4"});
    CHECK(newest.paths_complete);
    CHECK(newest.before == "before d1");
    CHECK(newest.revision == "revision of d3");
    for (const DeploymentId id : {1, 2}) {
        const auto older = history->deployment(id).value();
        CHECK(older.state == DeploymentState::superseded);
        CHECK(older.superseded_by == id + 1);
        CHECK(older.finished_at);
    }

    SECTION("a redelivery of the first is answered with what stands for it") {
        const Admission again = history->admit(push("d1"), planOf({"a"}));
        CHECK(again.duplicate);
        CHECK(again.deployment == 3);
    }
    SECTION("only the newest is taken, and it is the only one") {
        CHECK(history->takeNext("staging").value().id == 3);
        CHECK_FALSE(history->takeNext("staging"));
    }
    SECTION("a running one is not taken over") {
        history->takeNext("staging");
        const Admission next = history->admit(push("d4"), planOf({"a"}));
        CHECK(next.superseded == 0);
        CHECK(servicesOf(next.plan) == Names{"a"});
        CHECK(next.deployment == 4);
    }
    SECTION("another environment keeps its own") {
        Event other = push("d4");
        other.environment = "production";
        CHECK(history->admit(other, planOf({"a"})).superseded == 0);
    }
}

TEST_CASE("a push whose list is not complete makes the union incomplete", "[admission]") {
    Place history;
    Event cut = push("d1", {"p1"});
    cut.paths_complete = false;
    history->admit(cut, planOf({"a"}));
    history->admit(push("d2", {"p2"}), planOf({"a"}));
    CHECK_FALSE(history->deployment(2).value().paths_complete);
}

TEST_CASE("paths beyond the limit are dropped, and with them the claim to be complete",
          "[admission]") {
    Limits limits;
    limits.paths_per_deployment = 3;
    Place history(limits);
    history->admit(push("d1", {"1", "2"}), planOf({"a"}));
    const auto paths = GENERATE(Names{"2", "1"}, Names{"2", "3"}, Names{"3", "4"});
    history->admit(push("d2", paths), planOf({"a"}));

    const auto merged = history->deployment(2).value();
    CHECK(merged.paths.size() == (paths[1] == "1" ? 2 : 3));
    CHECK(merged.paths_complete == (paths[1] != "4"));
}

TEST_CASE("the same request twice is one while it is open", "[admission]") {
    Place history;
    const Event event = request("v1", {"a", "b"});
    CHECK(history->admit(event, planOf({"a", "b"})).deployment == 1);

    SECTION("whatever the order of its services") {
        const Admission twin = history->admit(request("v1", {"b", "a"}), planOf({"a", "b"}));
        CHECK(twin.duplicate);
        CHECK(twin.deployment == 1);
        CHECK(servicesOf(twin.plan) == Names{"a", "b"});
        CHECK(twin.event == 2);
    }
    SECTION("not while it runs: a branch may have moved since") {
        history->takeNext("staging");
        CHECK(history->admit(event, planOf({"a", "b"})).deployment == 2);
        history->setPlan(1, "sha", planOf({"a"}), {"invoke"});
        const Admission third = history->admit(event, planOf({"a", "b"}));
        CHECK(third.duplicate);
        CHECK(third.deployment == 2);
        history->handBack(1, false);  // and so does one that waits with what it found before
        CHECK(history->admit(event, planOf({"a", "b"})).deployment == 2);
    }
    SECTION("also while it runs, when both mean the same commit") {
        Event full = request(std::string(40, 'a')), named = request("v2");
        named.revision = std::string(40, 'b');
        const auto first = history->admit(full, planOf({"a"})).deployment;
        const auto second = history->admit(named, planOf({"a"})).deployment;
        const auto end = [&](DeploymentId id) {
            history->finish(id, {DeploymentState::success, {}});
            history->takeNext("staging");
        };
        history->takeNext("staging");
        end(1);
        CHECK(history->admit(full, planOf({"a"})).deployment == first);
        history->setPlan(first, full.ref, planOf({"a"}), {"invoke"});
        CHECK(history->admit(full, planOf({"a"})).deployment == first);
        end(first);
        CHECK(history->admit(named, planOf({"a"})).deployment == second);
        history->setPlan(second, named.revision, planOf({"a"}), {"invoke"});
        CHECK(history->admit(named, planOf({"a"})).deployment == second);
    }
    SECTION("no longer when it has ended") {
        history->takeNext("staging");
        history->finish(1, {DeploymentState::success, {}});
        const Admission next = history->admit(event, planOf({"a", "b"}));
        CHECK_FALSE(next.duplicate);
        CHECK(next.deployment == 2);
    }
    SECTION("and not when anything differs") {
        Event dry = event, production = event, tag = event, revision = event;
        dry.dry_run = true;
        production.environment = "production";
        tag.tag = "v1";
        revision.revision = "sha";
        for (const Event& other : {request("v2", {"a", "b"}), request("v1", {"a"}), request("v1"),
                                   dry, production, tag, revision})
            CHECK_FALSE(history->admit(other, planOf({"a"})).duplicate);
    }
    SECTION("requests are kept in order and never merged, pushes or not") {
        history->admit(request("v2"), planOf({"a"}));
        history->admit(push("d1"), planOf({"a"}));
        history->admit(request("v3"), planOf({"a"}));
        for (const DeploymentId id : {1, 2, 3, 4}) {
            CHECK(history->takeNext("staging").value().id == id);
            history->finish(id, {DeploymentState::success, {}});
        }
    }
}

TEST_CASE("one more than may wait is refused and leaves no trace", "[admission]") {
    Limits limits;
    limits.waiting = 3;
    Place history(limits);
    history->admit(push("d1"), planOf({"a"}));
    history->admit(request("v2"), planOf({"a"}));
    history->admit(request("v3"), planOf({"a"}));

    CHECK_THROWS_AS(history->admit(request("v4"), planOf({"a"})), QueueFull);
    CHECK(history->deployments({}).size() == 3);
    CHECK_FALSE(history->event(4));

    SECTION("a push that takes one over still fits") {
        CHECK(history->admit(push("d2"), planOf({"a"})).superseded == 1);
        CHECK_THROWS_AS(history->admit(request("v4"), planOf({"a"})), QueueFull);
    }
    SECTION("and so does the next one after one was taken") {
        history->takeNext("staging");
        CHECK(history->admit(request("v4"), planOf({"a"})).deployment == 4);
        CHECK_THROWS_AS(history->admit(request("v5"), planOf({"a"})), QueueFull);
    }
    SECTION("also after a restart") {
        history.reopen();
        CHECK_THROWS_AS(history->admit(request("v4"), planOf({"a"})), QueueFull);
    }
}

TEST_CASE("a nonce is accepted once, also across a restart, until it has expired", "[admission]") {
    Place history;
    const Time expires = history.clock.now() + Duration(300'000);
    CHECK(history->useNonce("n1", expires));
    CHECK_FALSE(history->useNonce("n1", expires));
    CHECK(history->useNonce("n2", expires));
    history.reopen();
    CHECK_FALSE(history->useNonce("n1", expires));
    history.clock.pass(Duration(300'000));
    CHECK(history->useNonce("n1", expires + Duration(300'000)));
}

TEST_CASE("a nonce is used up with what was admitted, and only with it", "[admission]") {
    Limits limits;
    limits.waiting = 1;
    Place history(limits);
    const Nonce first{"n1", history.clock.now() + Duration(300'000)};
    const Nonce second{"n2", first.expires};
    history->admit(request("v1"), planOf({"a"}), {}, first);
    CHECK_THROWS_AS(history->admit(request("v2"), planOf({"a"}), {}, first), NonceUsed);
    CHECK_FALSE(history->event(2));
    CHECK_THROWS_AS(history->admit(request("v2"), planOf({"a"}), {}, second), QueueFull);
    history->takeNext("staging");
    CHECK(history->admit(request("v2"), planOf({"a"}), {}, second).deployment == 2);
}

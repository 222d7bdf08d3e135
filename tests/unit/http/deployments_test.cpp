#include <catch2/catch.hpp>

#include "world.hpp"

namespace iac::http {

TEST_CASE("deployments are listed newest first, page by page, without their steps") {
    World world;
    for (const std::string ref : {"v1", "v2", "v3"}) deploy(world, ref);
    const auto first = world.get("/deployments?limit=2&env=staging");
    CHECK(ids(first, "deployments") == "3 2");
    CHECK_FALSE(first.json()->getArray("deployments")->getObject(0)->has("steps"));
    const auto next = first.text("next");
    const auto second = world.get(next);
    CHECK(ids(second, "deployments") == "1");
    CHECK_FALSE(second.json()->has("next"));
    // A page that is exactly full and the last one has no next either.
    CHECK_FALSE(world.get("/deployments?limit=3").json()->has("next"));
}

TEST_CASE("a filter for an environment that nobody knows is refused in every list") {
    World world;
    const auto target = GENERATE("/deployments?env=nope", "/events?env=nope", "/holds?env=nope",
                                 "/holds?env=nope&all=1");
    CAPTURE(target);
    const auto refused = world.get(target);
    CHECK(refused.status == 422);
    CHECK(refused.text("error").find("staging, production") != std::string::npos);
    CHECK(world.get("/deployments?env=").status == 200);
}

TEST_CASE("a filter for an environment that only the history knows is answered") {
    World world;
    Event event;
    event.trigger = "manual";
    event.environment = "gone";
    event.ref = "v1";
    world.history().admit(event, Plan{});
    CHECK(ids(world.get("/deployments?env=gone"), "deployments") == "1");
    CHECK(ids(world.get("/events?env=gone"), "events") == "1");
    CHECK(world.get("/holds?env=gone").status == 200);
}

TEST_CASE("deployments are found by every filter, and a wrong filter is not silently none") {
    World world;
    deploy(world, "v1");
    const auto id = deploy(world, "v2");
    world.begin(1, {"platform/postgres"});
    CHECK(ids(world.get("/deployments?ref=v2"), "deployments") == std::to_string(id));
    CHECK(ids(world.get("/deployments?status=queued"), "deployments") == "2");
    for (const std::string query :
         {"/deployments?status=queued&status=running", "/deployments?limit=1&ref=a&limit=2",
          "/events?env=staging&env=staging", "/holds?%61ll=1&all=0", "/health?x&x"}) {
        INFO(query);
        const auto refused = world.get(query);
        CHECK(refused.status == 400);
        CHECK(refused.text("detail").find("more than once") != std::string::npos);
    }
    CHECK(world.get("/deployments?status=queued&status=running").text("detail") ==
          "The query names \"status\" more than once; name it once.");
    CHECK(ids(world.get("/deployments?status=running"), "deployments") == "1");
    CHECK(ids(world.get("/deployments?triggered_by=ann&trigger=manual"), "deployments") == "2 1");
    CHECK(ids(world.get("/deployments?env=production"), "deployments").empty());
    CHECK(ids(world.get("/deployments?since=2001-01-01"), "deployments") == "2 1");
    CHECK(ids(world.get("/deployments?until=2001-01-01T00:00:00Z"), "deployments").empty());
    CHECK(ids(world.get("/deployments?service=redis"), "deployments") ==
          ids(world.get("/deployments?service=platform/redis"), "deployments"));
    CHECK(ids(world.get("/deployments?service=a%26b"), "deployments").empty());

    const auto misspelt = world.get("/deployments?environment=staging");
    CHECK(misspelt.status == 400);
    CHECK(misspelt.text("error").find("env, service") != std::string::npos);
    CHECK(world.get("/deployments?status=done").text("error").find("queued") != std::string::npos);
    for (const std::string wrong : {"limit=0", "limit=x", "limit=9999", "before=-1", "since=soon",
                                    "since=2025-02-30", "env=%zz"}) {
        INFO(wrong);
        CHECK(world.get("/deployments?" + wrong).status == 400);
    }
}

TEST_CASE("one deployment is shown with its event, plan, steps and attempts") {
    World world;
    const auto id = deploy(world, "v1");
    const auto steps = world.begin(id, {"platform/postgres", "platform/redis"});
    world.endStep(steps.at(0), StepState::failed);
    const auto running = world.get("/deployments/" + std::to_string(id)).json();
    CHECK(running->getValue<std::string>("status") == "running");
    CHECK_FALSE(running->has("finished_at"));
    CHECK(running->getObject("event")->getValue<std::string>("trigger") == "manual");
    CHECK(running->getObject("plan")->getArray("skipped")->size() == 1);
    const auto step = running->getArray("steps")->getObject(0);
    CHECK(step->getValue<std::string>("status") == "failed");
    CHECK(step->getValue<std::string>("error_kind") == "missing_task");
    CHECK(step->getValue<std::string>("summary") == "No task \"x\" in tasks.py");
    const auto attempt = step->getArray("attempts")->getObject(0);
    CHECK(attempt->getValue<int>("exit_code") == 1);
    CHECK(attempt->getValue<std::string>("status") == "failed");
}

TEST_CASE("one deployment is shown with what was told about it") {
    World world;
    world.history().announceTo(
        [](std::string_view, std::string_view) { return std::vector<std::string>{"slack"}; });
    const auto id = deploy(world, "v1");
    const auto told = world.get("/deployments/" + std::to_string(id)).json();
    const auto list = told->getArray("notifications");
    REQUIRE(list->size() == 1);
    CHECK(list->getObject(0)->getValue<std::string>("notifier") == "slack");
    CHECK(list->getObject(0)->getValue<std::string>("event") == "deployment.queued");
    CHECK(list->getObject(0)->getValue<std::string>("state") == "waiting");
    CHECK(list->getObject(0)->getValue<int>("attempts") == 0);
}

TEST_CASE("what is no id of a deployment is 404") {
    World world;
    for (const std::string id : {"77", "x", "-1", "99999999999999999999", "1%2f", "%zz"}) {
        INFO(id);
        CHECK(world.get("/deployments/" + id).status == 404);
        CHECK(world.get("/deployments/" + id + "/log").status == 404);
    }
}

TEST_CASE("bytes that are not UTF-8 are replaced in an answer") {
    World world;
    Event event;
    event.trigger = "manual";
    event.environment = "staging";
    event.ref = "v1";
    event.triggered_by = "b\xff\xc0\x80r";
    world.history().admit(event, Plan{{{"platform/postgres", "a test"}}, {}});
    const auto answer = world.get("/deployments/1");
    CHECK(answer.text("triggered_by") == "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdr");
}

}  // namespace iac::http

#include <catch2/catch.hpp>

#include "history/step_log.hpp"
#include "world.hpp"

namespace iac::http {
namespace {

using namespace std::chrono_literals;

DeploymentId deploy(World& world, const std::string& ref) {
    const auto answer =
        world.post("/deploy", R"({"env":"staging","ref":")" + ref + R"(","triggered_by":"ann"})");
    REQUIRE(answer.status == 202);
    return answer.json()->getValue<DeploymentId>("deployment_id");
}

std::string ids(const Received& page) {
    std::string joined;
    const auto list = page.json()->getArray("deployments");
    for (unsigned i = 0; i < list->size(); ++i)
        joined += (joined.empty() ? "" : " ") + list->getObject(i)->getValue<std::string>("id");
    return joined;
}

}  // namespace

TEST_CASE("deployments are listed newest first, page by page, without their steps") {
    World world;
    for (const std::string ref : {"v1", "v2", "v3"}) deploy(world, ref);
    const auto first = world.get("/deployments?limit=2&env=staging");
    CHECK(ids(first) == "3 2");
    CHECK_FALSE(first.json()->getArray("deployments")->getObject(0)->has("steps"));
    const auto next = first.text("next");
    const auto second = world.get(next);
    CHECK(ids(second) == "1");
    CHECK_FALSE(second.json()->has("next"));
    // A page that is exactly full and the last one has no next either.
    CHECK_FALSE(world.get("/deployments?limit=3").json()->has("next"));
}

TEST_CASE("deployments are found by every filter, and a wrong filter is not silently none") {
    World world;
    deploy(world, "v1");
    const auto id = deploy(world, "v2");
    world.begin(1, {"platform/postgres"});
    CHECK(ids(world.get("/deployments?ref=v2")) == std::to_string(id));
    CHECK(ids(world.get("/deployments?status=queued")) == "2");
    CHECK(ids(world.get("/deployments?status=running")) == "1");
    CHECK(ids(world.get("/deployments?triggered_by=ann&trigger=manual")) == "2 1");
    CHECK(ids(world.get("/deployments?env=production")).empty());
    CHECK(ids(world.get("/deployments?since=2001-01-01")) == "2 1");
    CHECK(ids(world.get("/deployments?until=2001-01-01T00:00:00Z")).empty());
    CHECK(ids(world.get("/deployments?service=redis")) ==
          ids(world.get("/deployments?service=platform/redis")));
    CHECK(ids(world.get("/deployments?service=a%26b")).empty());

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

TEST_CASE("the log is told in order, with a heading for each attempt and the sum at the end") {
    World world;
    const auto id = deploy(world, "v1");
    const auto target = "/deployments/" + std::to_string(id) + "/log";
    CHECK(world.get(target).body.empty());
    const auto steps = world.begin(id, {"platform/postgres", "platform/redis", "platform/minio"});
    world.endStep(steps.at(0), StepState::changed, "created\n");
    CHECK(world.get(target).body == "== platform/postgres, attempt 1\ncreated\n");
    world.endStep(steps.at(1), StepState::failed, "no such task");
    history::StepEnd skipped;
    skipped.state = StepState::skipped;
    skipped.summary = "platform/redis failed";
    world.history().finishStep(steps.at(2).id, skipped);
    world.end(id, DeploymentState::failed);

    const auto answer = world.get(target);
    CHECK(answer.headers.at("content-type") == "text/plain; charset=utf-8");
    CHECK(answer.body ==
          "== platform/postgres, attempt 1\ncreated\n"
          "== platform/redis, attempt 1\nno such task\n"
          "== platform/minio, skipped: platform/redis failed\n"
          "sync completed: 1 succeeded, 1 failed\n");
    CHECK(world.get(target + "?service=redis").body ==
          "== platform/redis, attempt 1\nno such task\nsync completed: 0 succeeded, 1 failed\n");
    CHECK(world.get(target + "?service=mysql").status == 404);
    CHECK(world.get(target + "?follow=perhaps").status == 400);
}

TEST_CASE("a log that is followed comes as it is written, and ends with the deployment") {
    World world;
    const auto id = deploy(world, "v1");
    const auto target = "/deployments/" + std::to_string(id) + "/log?follow=1";
    Wire wire(world.port());
    wire.send(World::requestText("GET", target, "",
                                 signedStamped("GET " + target, kSecret, freshNonce())));
    const auto steps = world.begin(id, {"platform/postgres"});
    const int attempt = world.history().startAttempt(steps.at(0).id);
    history::StepLog log(history::stepLogFile(world.folder(), id, steps.at(0).id, attempt), 1 << 20);
    std::string came;
    const auto await = [&](const std::string& text) {
        for (int i = 0; i < 600 && came.find(text) == std::string::npos; ++i)
            came += wire.rest(50ms);
        CHECK(came.find(text) != std::string::npos);
    };
    log.write("first\n");
    await("first\n");
    log.write("second\n");
    await("second\n");
    log.finish();
    world.history().finishAttempt(steps.at(0).id, attempt, {StepState::changed, 0, ""});
    history::StepEnd end;
    end.state = StepState::changed;
    world.history().finishStep(steps.at(0).id, end);
    world.end(id, DeploymentState::success);
    await("sync completed: 1 succeeded, 0 failed\n");
    await("0\r\n\r\n");
}

TEST_CASE("followers of logs are bounded as other callers that wait") {
    World world([](config::Settings& settings) { settings.server.limits.waiting_callers = 0; });
    const auto id = deploy(world, "v1");
    const auto answer = world.get("/deployments/" + std::to_string(id) + "/log?follow=1");
    CHECK(answer.status == 503);
    CHECK(answer.headers.count("retry-after") == 1);
}

}  // namespace iac::http

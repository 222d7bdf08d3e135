#include <catch2/catch.hpp>

#include "world.hpp"

namespace iac::http {
namespace {

std::string urlOf(DeploymentId id) {
    return "/deployments/" + std::to_string(id);
}

/// A deployment of one service that ended; `revision` is one digit, forty times.
DeploymentId ended(World& world, char revision, DeploymentState state) {
    const auto id = deploy(world, std::string("v") + revision);
    const auto taken = world.history().takeNext("staging");
    REQUIRE(taken);
    REQUIRE(taken->id == id);
    const auto steps = world.history().setPlan(
        id, std::string(40, revision), Plan{{{"platform/postgres", "a test"}}, {}}, {"invoke"});
    world.endStep(steps.at(0),
                  state == DeploymentState::success ? StepState::changed : StepState::failed);
    world.end(id, state);
    return id;
}

}  // namespace

TEST_CASE("what waits is cancelled at once, what runs is asked to end, what ended is left alone") {
    World world;
    const auto waits = deploy(world, "v1");
    const auto first = world.send("POST", urlOf(waits) + "/cancel", R"({"by":"bob"})");
    CHECK(first.status == 202);
    CHECK(first.text("status") == "cancelled");
    CHECK(first.text("status_url") == urlOf(waits));
    CHECK(world.get(urlOf(waits)).text("status") == "cancelled");

    const auto again = world.send("POST", urlOf(waits) + "/cancel");
    CHECK(again.status == 409);
    CHECK(again.text("error").find("has ended") != std::string::npos);

    const auto runs = deploy(world, "v2");
    world.begin(runs, {"platform/postgres"});
    CHECK(world.send("POST", urlOf(runs) + "/cancel", R"({"by":"bob"})").text("status") ==
          "cancelling");
    CHECK(world.history().cancelRequested() == std::vector<DeploymentId>{runs});
    CHECK(world.get(urlOf(runs)).text("status") == "running");
    CHECK(world.get(urlOf(runs)).text("cancel_requested_by") == "bob");
    CHECK(world.send("POST", "/deployments/99/cancel").status == 404);
    CHECK(world.send("POST", urlOf(runs) + "/cancel", R"({"who":"bob"})").status == 400);
}

TEST_CASE("a failed deployment is tried again as a new one") {
    World world;
    const auto failed = ended(world, 'a', DeploymentState::failed);
    const auto answer = world.send("POST", urlOf(failed) + "/retry", R"({"triggered_by":"bob"})");
    CHECK(answer.status == 202);
    CHECK(answer.text("status") == "accepted");
    CHECK(answer.json()->getValue<DeploymentId>("retry_of") == failed);
    CHECK(answer.list("services") == "platform/postgres");
    CHECK(answer.headers.at("location") == answer.text("status_url"));
    const auto stored = world.get(answer.text("status_url"));
    CHECK(stored.text("triggered_by") == "bob");
    CHECK(stored.json()->getValue<DeploymentId>("retry_of") == failed);
    // Who waits for it gets the form of every other deployment.
    const auto waited = world.send("POST", urlOf(failed) + "/retry?wait=1");
    CHECK(waited.status == 202);
    CHECK(waited.text("status") == "in_progress");
}

TEST_CASE("what runs, succeeded or is not there is not tried again") {
    World world;
    CHECK(world.send("POST", "/deployments/7/retry").status == 404);
    const auto good = ended(world, 'a', DeploymentState::success);
    CHECK(world.send("POST", urlOf(good) + "/retry").status == 409);
    const auto runs = deploy(world, "v2");
    world.begin(runs, {"platform/postgres"});
    CHECK(world.send("POST", urlOf(runs) + "/retry").status == 409);
}

TEST_CASE("a rollback deploys the revision before, and holds what it took back") {
    World world;
    ended(world, 'a', DeploymentState::success);
    const auto bad = ended(world, 'b', DeploymentState::success);
    const auto answer = world.send(
        "POST", "/rollback", R"({"env":"staging","reason":"it eats data","triggered_by":"bob"})");
    INFO(answer.body);
    CHECK(answer.status == 202);
    CHECK(answer.text("revision") == std::string(40, 'a'));
    CHECK(answer.json()->getValue<DeploymentId>("rollback_of") == bad);
    CHECK(world.get(answer.text("status_url")).text("triggered_by") == "bob");

    const auto holds = world.get("/holds").json()->getArray("holds");
    REQUIRE(holds->size() == 1);
    CHECK(holds->getObject(0)->getValue<std::string>("service") == "platform/postgres");
    CHECK(holds->getObject(0)->getValue<std::string>("reason").find("it eats data") !=
          std::string::npos);
}

TEST_CASE("a rollback that says too little, or has nothing to go back to, is refused") {
    World world;
    for (const std::string body : {R"({"env":"staging"})", R"({"reason":"x"})",
                                   R"({"env":"staging","reason":"x","force":1})",
                                   R"({"env":"staging","reason":"x","services":[]})",
                                   R"({"env":"staging","reason":"x","services":"postgres"})",
                                   R"({"env":"staging","reason":"x","wait":"long"})"}) {
        INFO(body);
        CHECK(world.send("POST", "/rollback", body).status == 400);
    }
    CHECK(world.send("POST", "/rollback", R"({"env":"moon","reason":"x"})").status == 422);
    const auto nothing = world.send("POST", "/rollback", R"({"env":"staging","reason":"x"})");
    CHECK((nothing.status == 409 || nothing.status == 422));
    CHECK(world.history().deployments({}).empty());
}

TEST_CASE("everything that came in is an event, and what became of it") {
    World world;
    const auto failed = ended(world, 'a', DeploymentState::failed);
    world.send("POST", urlOf(failed) + "/retry", R"({"triggered_by":"bob"})");
    const auto all = world.get("/events").json()->getArray("events");
    REQUIRE(all->size() == 2);
    CHECK(all->getObject(0)->getValue<std::string>("trigger") == "api");
    CHECK(all->getObject(0)->getValue<std::string>("triggered_by") == "bob");
    CHECK(all->getObject(1)->getValue<std::string>("verdict") == "accepted");
    CHECK(all->getObject(1)->getValue<DeploymentId>("deployment_id") == failed);
    CHECK(all->getObject(1)->getValue<std::string>("trigger") == "manual");
}

}  // namespace iac::http

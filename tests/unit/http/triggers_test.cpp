#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "world.hpp"

namespace iac::http {
namespace {

using namespace std::chrono_literals;

const std::string kDeploy = R"({"env":"staging","ref":"main","triggered_by":"ann"})";

}  // namespace

TEST_CASE("a request that is understood is on disk before it is accepted") {
    World world;
    const auto answer = world.post("/deploy", kDeploy);
    CHECK(answer.status == 202);
    CHECK(answer.text("status") == "accepted");
    CHECK(answer.text("environment") == "staging");
    CHECK(answer.list("services") == "platform/postgres platform/redis");
    CHECK(answer.list("synced_services").empty());
    CHECK(answer.json()->has("skipped_services"));
    const auto id = answer.text("deployment_id");
    CHECK(answer.text("status_url") == "/deployments/" + id);
    CHECK(answer.headers.at("location") == "/deployments/" + id);
    const auto stored = world.history().deployment(std::stoll(id));
    REQUIRE(stored);
    CHECK(stored->triggered_by == "ann");
    CHECK(stored->trigger == "manual");
    const auto event = world.history().event(stored->event);
    REQUIRE(event);
    CHECK(event->body_digest.size() == 64);
}

TEST_CASE("an answer serves the clients of an earlier service too") {
    World world;
    const auto accepted = world.post(
        "/deploy",
        R"({"env":"staging","tag":"v1","services":["redis"],"triggered_by":"ann","commit":"abc"})");
    CHECK(accepted.status == 202);
    CHECK(accepted.text("env") == "staging");
    CHECK(accepted.text("tag") == "v1");
    CHECK(accepted.text("ref") == "v1");
    CHECK(accepted.text("triggered_by") == "ann");
    CHECK(accepted.list("requested_services") == "redis");
    CHECK(accepted.list("services") == "platform/redis");
    CHECK(accepted.list("warnings") == "member \"commit\" is not known here and was ignored");
    CHECK(accepted.text("timestamp").back() == 'Z');
    CHECK(accepted.json()->get("deployment_id").isInteger());

    const auto status = [&](const std::string& id) {
        return world.post(
            "/deploy/status",
            R"({"env":"staging","ref":"v1","services":["redis"],"deployment_id":")" + id + "\"}");
    };
    const auto id = accepted.text("deployment_id");
    CHECK(status(id).status == 200);
    CHECK(status(id).text("status") == "in_progress");
    const auto steps = world.begin(std::stoll(id), {"platform/redis"});
    CHECK(status(id).text("status") == "in_progress");
    world.endStep(steps.at(0), StepState::failed);
    world.end(std::stoll(id), DeploymentState::failed);
    const auto failed = status(id);
    CHECK(failed.status == 200);
    CHECK(failed.text("status") == "failed");
    CHECK(failed.list("failed_services") == "redis");
    CHECK(failed.list("requested_services") == "redis");
    CHECK(failed.text("commit") == failed.text("revision"));
    for (const char* unknown :
         {"4711", "a3f09c2277b1d4e8", "0", "-1", "99999999999999999999", " 1"}) {
        INFO(unknown);
        CHECK(status(unknown).status == 404);
    }
}

TEST_CASE("the compatibility settings change the id's type and the status of a bad signature") {
    World world([](config::Settings& settings) {
        settings.server.compatibility.text_ids = true;
        settings.server.compatibility.bad_signature = 403;
    });
    const auto accepted = world.post("/deploy", kDeploy);
    CHECK(accepted.json()->get("deployment_id").isString());
    const auto again = world.post("/deploy", kDeploy);
    CHECK(again.json()->get("deployment_id").isString());
    const auto asked = world.post("/deploy/status",
                                  R"({"deployment_id":")" + accepted.text("deployment_id") + "\"}");
    CHECK(asked.json()->get("deployment_id").isString());
    CHECK(world.post("/deploy", kDeploy, signedPlain(kDeploy, "another secret")).status == 403);
    CHECK(world.post("/deploy", kDeploy, Extra{}).status == 403);
}

TEST_CASE("the same request again is answered with the deployment that is open") {
    World world;
    const auto first = world.post("/deploy", kDeploy);
    const auto second = world.post("/deploy", kDeploy);
    CHECK(second.status == 200);
    CHECK(second.json()->getValue<bool>("duplicate"));
    CHECK(second.text("deployment_id") == first.text("deployment_id"));
    CHECK(second.text("status") == "queued");
}

TEST_CASE("what cannot be deployed is 422 with what there is, and what is not understood 400") {
    World world;
    const auto environment = world.post("/deploy", R"({"env":"moon","ref":"main"})");
    CHECK(environment.status == 422);
    CHECK(environment.text("error").find("staging") != std::string::npos);
    const auto service = world.post("/sync", R"({"services":["platform/mysql"]})");
    CHECK(service.status == 422);
    CHECK(service.text("error").find("platform/postgres") != std::string::npos);
    CHECK(world.post("/deploy", "no json").status == 400);
    CHECK(world.post("/deploy", R"({"env":"staging","ref":"--upload-pack=x"})").status == 400);
    CHECK(world.post("/sync?wait=soon", R"({"all":true})").status == 400);
    CHECK(world.history().deployments({}).empty());
}

TEST_CASE("a caller that waits gets the outcome as soon as there is one") {
    World world;
    auto waiting =
        std::async(std::launch::async, [&] { return world.post("/deploy?wait=60", kDeploy); });
    std::vector<Deployment> queued;
    for (auto seen = world.history().changes().count(); queued.empty();) {
        queued = world.history().deployments({});
        if (queued.empty()) seen = world.history().changes().wait(seen);
    }
    const auto id = queued.front().id;
    const auto steps = world.begin(id, {"platform/postgres", "platform/redis"});
    world.endStep(steps.at(0), StepState::changed);

    SECTION("200 when it succeeded") {
        world.endStep(steps.at(1), StepState::unchanged);
        world.end(id, DeploymentState::success);
        const auto answer = waiting.get();
        CHECK(answer.status == 200);
        CHECK(answer.text("status") == "success");
        CHECK(answer.text("env") == "staging");
        CHECK(answer.text("revision") == std::string(40, 'a'));
        CHECK(answer.list("deployed_services") == "postgres redis");
        CHECK(answer.list("synced_services") == "postgres redis");
        CHECK(answer.list("unchanged_services") == "redis");
        CHECK(answer.list("failed_services").empty());
        CHECK(answer.text("timestamp").back() == 'Z');
        const auto skipped = answer.json()->getArray("skipped_services");
        REQUIRE(skipped->size() == 1);
        CHECK(skipped->getObject(0)->getValue<std::string>("reason") == "deployed by hand");
    }
    SECTION("500 when it failed, with what to do") {
        world.endStep(steps.at(1), StepState::failed);
        world.end(id, DeploymentState::failed);
        const auto answer = waiting.get();
        CHECK(answer.status == 500);
        CHECK(answer.text("status") == "failed");
        CHECK(answer.list("failed_services") == "redis");
        const auto failures = answer.json()->getArray("failures");
        REQUIRE(failures->size() == 1);
        CHECK(failures->getObject(0)->getValue<std::string>("service") == "platform/redis");
        CHECK(failures->getObject(0)->getValue<std::string>("next_action") == "Add the task.");
    }
}

TEST_CASE("a caller whose time is up gets 202 with where to look") {
    World world;
    SECTION("by the query") {
        const auto answer = world.post("/deploy?wait=1", kDeploy);
        CHECK(answer.status == 202);
        CHECK(answer.text("status") == "in_progress");
        CHECK(answer.headers.count("location") == 1);
    }
    SECTION("by the header, which comes before the query") {
        auto extra = signedPlain(kDeploy);
        extra.emplace_back("Prefer", "respond-async, wait=1");
        CHECK(world.post("/deploy?wait=3600", kDeploy, extra).text("status") == "in_progress");
    }
    SECTION("by the body") {
        const auto answer = world.post("/deploy", R"({"env":"staging","ref":"main","wait":1})");
        CHECK(answer.text("status") == "in_progress");
    }
}

TEST_CASE("when no place to wait is free the answer is 202 at once") {
    World world([](config::Settings& settings) { settings.server.limits.waiting_callers = 0; });
    const auto answer = world.post("/deploy?wait=3600", kDeploy);
    CHECK(answer.status == 202);
    CHECK(answer.text("status") == "in_progress");
}

TEST_CASE("while every place to wait is taken, health and history still answer at once") {
    constexpr std::size_t kCallers = 10;  // more than connections: who waits is not one of them
    World world([](config::Settings& settings) {
        settings.server.limits.waiting_callers = kCallers;
        settings.server.limits.connections = 6;
        settings.server.limits.connections_per_address = 6;
    });
    std::vector<Wire> callers;
    while (callers.size() < kCallers) {
        const std::string body =
            R"({"env":"staging","ref":"v)" + std::to_string(callers.size()) + "\"}";
        callers.emplace_back(world.port());
        callers.back().send(
            World::requestText("POST", "/deploy?wait=3600", body, signedPlain(body)));
        for (auto seen = world.history().changes().count();
             world.history().deployments({}).size() < callers.size();)
            seen =
                world.history().changes().waitUntil(seen, std::chrono::steady_clock::now() + 100ms);
    }
    for (int i = 0; i < 20; ++i) {
        const auto began = std::chrono::steady_clock::now();
        Wire wire(world.port());
        wire.send(World::requestText("GET", "/health", "", {}));
        CHECK(wire.receive().status == 200);
        CHECK(std::chrono::steady_clock::now() - began < 2s);
    }
    CHECK(world.get("/deployments").status == 200);
    // A server that stops answers those who wait.
    world.server().stop(Duration(5000));
    for (auto& caller : callers) CHECK(caller.receive().status == 202);
}

TEST_CASE("the place of a caller who hung up is free again") {
    World world([](config::Settings& settings) { settings.server.limits.waiting_callers = 1; });
    {
        Wire gone(world.port());
        gone.send(World::requestText("POST", "/deploy?wait=3600", kDeploy, signedPlain(kDeploy)));
        for (auto seen = world.history().changes().count();
             world.history().deployments({}).empty();)
            seen =
                world.history().changes().waitUntil(seen, std::chrono::steady_clock::now() + 100ms);
    }
    // Whoever comes next waits for its whole second as soon as the place is free.
    bool waited = false;
    for (int i = 0; i < 60 && !waited; ++i) {
        const auto began = std::chrono::steady_clock::now();
        const auto answer = world.post("/deploy?wait=1", kDeploy);
        CHECK(answer.status == 202);
        waited = std::chrono::steady_clock::now() - began >= 900ms;
        if (!waited) std::this_thread::sleep_for(100ms);
    }
    CHECK(waited);
}

}  // namespace iac::http

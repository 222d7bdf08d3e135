#include <atomic>
#include <catch2/catch.hpp>
#include <future>

#include "http/routes.hpp"
#include "world.hpp"

namespace iac::http {
namespace {

using namespace std::chrono_literals;

Received ask(World& world, const std::string& method, const std::string& target) {
    Wire wire(world.port());
    wire.send(World::requestText(method, target, "", {}));
    return wire.receive();
}

}  // namespace

TEST_CASE("what is not there is 404, and a method that is not answered 405 with those that are") {
    World world;
    for (const std::string target : {"/", "/nothing", "/deployments/1/log/more", "/deployments/"}) {
        INFO(target);
        CHECK(ask(world, "GET", target).status == 404);
    }
    const auto get_only = ask(world, "DELETE", "/deployments/7");
    CHECK(get_only.status == 405);
    CHECK(get_only.headers.at("allow") == "GET, HEAD");
    const auto post_only = ask(world, "GET", "/deploy");
    CHECK(post_only.status == 405);
    CHECK(post_only.headers.at("allow") == "POST");
    CHECK(post_only.headers.at("content-type") == "application/problem+json");
}

TEST_CASE("two triggers cannot claim one route, nor one of the runner's own") {
    Routes routes;
    const auto answer = [](Request&) { return Answer(); };
    routes.add({"POST", "/webhook", Role::trigger, 1, answer});
    routes.add({"GET", "/webhook", Role::read, 1, answer});
    CHECK_THROWS_WITH(routes.add({"POST", "/webhook", Role::trigger, 1, answer}),
                      Catch::Contains("POST /webhook is claimed twice"));
}

TEST_CASE("health is open, and says how each check went") {
    std::atomic<bool> well{true};
    World world({}, {{"database", [] { return true; }}, {"plugins", [&] { return well.load(); }}});
    auto answer = ask(world, "GET", "/health");
    CHECK(answer.status == 200);
    CHECK(answer.text("status") == "healthy");
    CHECK_FALSE(answer.text("version").empty());
    CHECK(answer.json()->getValue<int>("uptime") >= 0);
    CHECK(answer.json()->getObject("checks")->getValue<bool>("plugins"));

    well = false;
    // A result is kept for a moment: the change shows when that is over.
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (answer.status == 200 && std::chrono::steady_clock::now() < end)
        answer = ask(world, "GET", "/health");
    CHECK(answer.status == 503);
    CHECK(answer.text("status") == "degraded");
    CHECK_FALSE(answer.json()->getObject("checks")->getValue<bool>("plugins"));
}

TEST_CASE("a health check that hangs makes the answer bad, not late") {
    std::promise<void> go_on;
    std::shared_future<void> gate = go_on.get_future().share();
    World world({}, {{"database", [] { return true; }}, {"secrets", [gate] {
                                                             gate.wait();
                                                             return true;
                                                         }}});
    const auto began = std::chrono::steady_clock::now();
    const auto answer = ask(world, "GET", "/health");
    CHECK(std::chrono::steady_clock::now() - began < 2s);
    CHECK(answer.status == 503);
    CHECK(answer.json()->getObject("checks")->getValue<bool>("database"));
    CHECK_FALSE(answer.json()->getObject("checks")->getValue<bool>("secrets"));
    go_on.set_value();
}

TEST_CASE("HEAD is answered with the head alone") {
    World world;
    Wire wire(world.port());
    wire.send("HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answer = wire.rest();
    CHECK(answer.find("Content-Length: ") != std::string::npos);
    CHECK(answer.substr(answer.size() - 4) == "\r\n\r\n");
}

TEST_CASE("services are listed with where they are deployed, and plugins with what was refused") {
    World world;
    const auto services = world.get("/services").json()->getArray("services");
    REQUIRE(services->size() == 2);
    CHECK(services->getObject(0)->getValue<std::string>("id") == "platform/postgres");
    CHECK(services->getObject(0)->getValue<std::string>("name") == "postgres");
    const auto plugins = world.get("/plugins").json();
    CHECK(plugins->getArray("plugins")->size() >= 1);
    CHECK(plugins->has("refused"));
}

TEST_CASE("a service is found by its id, however that is spelt, or by its short name") {
    World world;
    REQUIRE(world.post("/deploy", R"({"env":"staging","ref":"v1","triggered_by":"ann"})").status ==
            202);
    const auto steps = world.begin(1, {"platform/postgres"});
    world.endStep(steps.at(0), StepState::changed);
    world.end(1, DeploymentState::success);
    for (const std::string id : {"platform/postgres", "platform%2Fpostgres", "postgres"}) {
        INFO(id);
        const auto service = world.get("/services/" + id);
        CHECK(service.status == 200);
        CHECK(service.text("id") == "platform/postgres");
        const auto environments = service.json()->getArray("environments");
        REQUIRE(environments->size() == 2);
        const auto staging = environments->getObject(0);
        CHECK(staging->getValue<std::string>("last_good_revision") == std::string(40, 'a'));
        CHECK(staging->getValue<std::string>("triggered_by") == "ann");
        // Never deployed there: it is listed, with nothing to say.
        CHECK(environments->getObject(1)->getValue<std::string>("environment") == "production");
        CHECK_FALSE(environments->getObject(1)->has("last_outcome"));
    }
    for (const std::string id : {"mysql", "platform", "platform/postgres/more", "", "%00", "%zz"}) {
        INFO(id);
        CHECK(world.get("/services/" + id).status == 404);
    }
}

TEST_CASE("a server that stops finishes what it reads, and takes nothing new") {
    World world;
    const auto port = world.port();
    Wire idle(port);
    idle.send(World::requestText("GET", "/health", "", {}));
    CHECK(idle.receive().status == 200);
    world.server().stop(Duration(2000));
    CHECK(idle.closed(5s));
    CHECK_THROWS(Wire(port));
}

}  // namespace iac::http

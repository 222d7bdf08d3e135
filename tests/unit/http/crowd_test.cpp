// What others still get while some take all that they can.
#include <catch2/catch.hpp>

#include "http/trusted_proxies.hpp"
#include "world.hpp"

namespace iac::http {
namespace {

using namespace std::chrono_literals;

std::string logOf(DeploymentId id) {
    return "/deployments/" + std::to_string(id) + "/log?follow=1";
}

TrustedProxies proxies() {
    return TrustedProxies({*config::Network::parse("127.0.0.1"),
                           *config::Network::parse("10.0.0.0/8"),
                           *config::Network::parse("fd00::/8")});
}

}  // namespace

TEST_CASE("followers are limited per token, and others still find a place") {
    World world([](config::Settings& settings) {
        settings.server.limits.waiting_callers = 4;
        settings.server.limits.waiting_callers_per_token = 2;
    });
    const auto id = deploy(world, "v1");
    world.begin(id, {"platform/postgres"});
    const auto greedy = world.makeToken("greedy", "read"), other = world.makeToken("other", "read");
    std::vector<Wire> followers;
    for (int i = 0; i < 2; ++i) {
        followers.emplace_back(world.port());
        followers.back().send(
            World::requestText("GET", logOf(id), "", {{"Authorization", "Bearer " + greedy}}));
        REQUIRE(followers.back().answered(30s));
    }
    const auto refused = world.sendWith(greedy, "GET", logOf(id));
    CHECK(refused.status == 503);
    CHECK(refused.headers.count("retry-after") == 1);
    Wire wire(world.port());
    wire.send(World::requestText(
        "GET", logOf(id), "",
        {{"Authorization", "Bearer " + other}, {"Accept", "text/event-stream"}}));
    CHECK(wire.answered(30s));
    CHECK(wire.some(1s).starts_with("HTTP/1.1 200"));
    // The place of one that has ended is free again.
    followers.pop_back();
    bool free = false;
    for (int i = 0; i < 100 && !free; ++i) {
        Wire again(world.port());
        again.send(
            World::requestText("GET", logOf(id), "", {{"Authorization", "Bearer " + greedy}}));
        REQUIRE(again.answered(30s));
        free = again.some(1s).starts_with("HTTP/1.1 200");
        if (!free) std::this_thread::sleep_for(100ms);
    }
    CHECK(free);
    world.end(id, DeploymentState::cancelled);
}

TEST_CASE("callers that never read their answers keep nobody out") {
    World world([](config::Settings& settings) {
        settings.server.limits.connections = 8;
        settings.server.limits.connections_per_address = 8;
    });
    const auto id = deploy(world, "v1");
    const auto steps = world.begin(id, {"platform/postgres"});
    // More than the buffers of a connection hold.
    world.endStep(steps.at(0), StepState::changed, std::string(15u << 20, 'x'));
    world.end(id, DeploymentState::success);
    const auto target = "/deployments/" + std::to_string(id) + "/log";
    std::vector<Wire> stuck;
    for (int i = 0; i < 8; ++i) {
        stuck.emplace_back(world.port());
        stuck.back().send(World::requestText(
            "GET", target, "", signedStamped("GET " + target + ".", kSecret, freshNonce())));
        REQUIRE(stuck.back().answered(30s));
    }
    Wire health(world.port());
    health.send(World::requestText("GET", "/health", "", {}));
    CHECK(health.receive().status == 200);
    bool answered = false;
    for (int i = 0; i < 100 && !answered; ++i) {
        Wire wire(world.port());
        wire.send(World::requestText("GET", "/services", "",
                                     signedStamped("GET /services.", kSecret, freshNonce())));
        answered = wire.receive().status == 200;
        if (!answered) std::this_thread::sleep_for(50ms);
    }
    CHECK(answered);
}

TEST_CASE("while all connections are at work, health and webhooks are still answered") {
    World world([](config::Settings& settings) {
        settings.server.limits.connections = 2;
        settings.server.limits.connections_per_address = 2;
    });
    const auto id = deploy(world, "v1");
    world.begin(id, {"platform/postgres"});
    std::vector<Wire> followers;
    for (int i = 0; i < 2; ++i) {
        followers.emplace_back(world.port());
        followers.back().send(World::requestText(
            "GET", logOf(id), "", signedStamped("GET " + logOf(id) + ".", kSecret, freshNonce())));
        REQUIRE(followers.back().answered(30s));
    }
    // The connections before were closed by their callers a moment ago.
    Received refused;
    for (int i = 0; i < 100; ++i) {
        Wire wire(world.port());
        wire.send(World::requestText("GET", "/services", "",
                                     signedStamped("GET /services.", kSecret, freshNonce())));
        refused = wire.receive();
        if (refused.status == 503) break;
    }
    CHECK(refused.status == 503);
    CHECK(refused.headers.at("retry-after") == "1");
    Wire health(world.port());
    health.send(World::requestText("GET", "/health", "", {}));
    const auto well = health.receive();
    CHECK(well.status == 200);
    CHECK(well.headers.at("connection") == "close");  // the place is for the next one
    CHECK(world.post("/deploy", R"({"env":"staging","ref":"v2"})").status == 202);
    world.end(id, DeploymentState::cancelled);
}

TEST_CASE("behind proxies the address of a caller is the last one that is not a proxy's") {
    const auto caller = [](const std::string& peer, const Headers& headers) {
        return proxies().callerOf(peer, headers);
    };
    const std::string name = "x-forwarded-for";
    CHECK(caller("127.0.0.1", {}) == "127.0.0.1");
    CHECK(caller("127.0.0.1", {{name, "192.0.2.7"}}) == "192.0.2.7");
    CHECK(caller("127.0.0.1", {{name, "203.0.113.1, 192.0.2.7, 10.1.2.3"}}) == "192.0.2.7");
    CHECK(caller("127.0.0.1", {{name, "203.0.113.1"}, {name, "10.0.0.1"}}) == "203.0.113.1");
    CHECK(caller("127.0.0.1", {{name, "10.0.0.1,fd00::7"}}) == "10.0.0.1");
    CHECK(caller("127.0.0.1", {{name, "192.0.2.7:4711"}}) == "192.0.2.7");
    CHECK(caller("127.0.0.1", {{name, "[2001:DB8:0::1]:4711"}}) == "2001:db8::1");
    CHECK(caller("127.0.0.1", {{name, "::ffff:192.0.2.7"}}) == "192.0.2.7");
    CHECK(caller("127.0.0.1", {{name, "192.0.2.7, unknown"}}) == "127.0.0.1");
    CHECK(caller("127.0.0.1", {{name, "192.0.2.7, , 10.0.0.1"}}) == "10.0.0.1");
    CHECK(proxies().trusts("::ffff:10.0.0.1"));
    CHECK_FALSE(proxies().trusts("192.0.2.7"));
    CHECK_FALSE(proxies().trusts("not an address"));
    CHECK_FALSE(TrustedProxies({}).trusts("127.0.0.1"));
}

TEST_CASE("the callers of a proxy are limited each, and not the proxy") {
    const bool trusted = GENERATE(true, false);
    World world([trusted](config::Settings& settings) {
        settings.server.limits.connections_per_address = 2;
        if (trusted) settings.server.trusted_proxies = {*config::Network::parse("127.0.0.0/8")};
    });
    const auto id = deploy(world, "v1");
    world.begin(id, {"platform/postgres"});
    std::vector<Wire> wires;
    const auto follow = [&](const std::string& from) {
        Wire& wire = wires.emplace_back(world.port());
        auto extra = signedStamped("GET " + logOf(id) + ".", kSecret, freshNonce());
        extra.emplace_back("X-Forwarded-For", from);
        wire.send(World::requestText("GET", logOf(id), "", extra));
        REQUIRE(wire.answered(30s));
        return wire.some(1s).substr(0, 12);
    };
    std::vector<std::string> answers;
    for (int i = 0; i < 4; ++i) answers.push_back(follow("192.0.2." + std::to_string(i / 2)));
    CHECK(follow("192.0.2.1") == "HTTP/1.1 503");
    if (trusted)
        CHECK(answers == std::vector<std::string>(4, "HTTP/1.1 200"));
    else
        CHECK(std::ranges::count(answers, "HTTP/1.1 503") == 2);
    world.end(id, DeploymentState::cancelled);
}

}  // namespace iac::http

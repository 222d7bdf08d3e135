#include "description.hpp"

#include <yaml-cpp/yaml.h>

#include <catch2/catch.hpp>

#include "http/routes.hpp"
#include "world.hpp"

namespace iac::http {
namespace {

/// The pattern of a route as a description spells it.
std::string described(std::string pattern) {
    if (const auto star = pattern.find("*}"); star != std::string::npos) pattern.erase(star, 1);
    return pattern;
}

std::string roleText(Role role) {
    if (role == Role::open) return "open";
    if (role == Role::trigger) return "trigger";
    return std::string(roleName(role));
}

const Operation* exactly(const std::string& method, const std::string& path) {
    for (const auto& operation : Description::get().operations())
        if (operation.method == method && operation.path == path) return &operation;
    return nullptr;
}

}  // namespace

TEST_CASE("every route is described, with the role it takes") {
    World world;
    for (const Route& route : world.server().routes()->all()) {
        INFO(route.method << " " << route.pattern);
        const auto* operation = exactly(route.method, described(route.pattern));
        REQUIRE(operation != nullptr);
        CHECK(operation->role == roleText(route.role));
    }
}

TEST_CASE("everything that is described is there") {
    World world;
    const auto& routes = world.server().routes()->all();
    for (const Operation& operation : Description::get().operations()) {
        if (operation.path == "/webhook") continue;  // of a trigger that is not used here
        INFO(operation.method << " " << operation.path);
        CHECK(std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
            return route.method == operation.method && described(route.pattern) == operation.path;
        }));
    }
}

TEST_CASE("what a path holds is described as a parameter, and what takes a role can refuse it") {
    for (const Operation& operation : Description::get().operations()) {
        INFO(operation.method << " " << operation.path);
        for (std::size_t open = 0; (open = operation.path.find('{', open)) != std::string::npos;
             ++open) {
            const auto name =
                operation.path.substr(open + 1, operation.path.find('}', open) - open - 1);
            CHECK(
                std::any_of(operation.parameters.begin(), operation.parameters.end(),
                            [&](const auto& one) { return one.in == "path" && one.name == name; }));
        }
        if (operation.role == "open") continue;
        CHECK(operation.answers.count(401) == 1);
        CHECK(operation.answers.count(403) == 1);
        CHECK(operation.answers.count(503) == 1);
    }
}

TEST_CASE("the description is served in both forms, to everybody") {
    World world;
    Wire yaml(world.port());
    yaml.send(World::requestText("GET", "/openapi.yaml", "", {}));
    const auto text = yaml.receive();
    CHECK(text.status == 200);
    CHECK(text.headers.at("content-type") == "application/yaml");
    CHECK(YAML::Load(text.body)["paths"].size() > 15);
    Wire wire(world.port());
    wire.send(World::requestText("GET", "/openapi.json", "", {}));
    const auto json = wire.receive();
    CHECK(json.status == 200);
    CHECK(json.text("openapi") == "3.0.3");
    // What is quoted is a text, what is not is a number.
    CHECK(json.json()->getObject("info")->get("version").isString());
    CHECK(json.json()->getArray("x-transport-statuses")->get(0).isInteger());
}

}  // namespace iac::http

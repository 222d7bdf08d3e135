#include <catch2/catch.hpp>

#include "world.hpp"

namespace iac::http {
namespace {

Received place(World& world, const std::string& more) {
    return world.send("POST", "/holds",
                      R"({"env":"staging","reason":"the migration runs")" + more + "}");
}

std::size_t count(World& world, const std::string& query = {}) {
    return world.get("/holds" + query).json()->getArray("holds")->size();
}

}  // namespace

TEST_CASE("a hold is placed, shown with its service, and released") {
    World world;
    const auto placed = place(world, R"(,"service":"platform/postgres","for":"2h","by":"ann")");
    INFO(placed.body);
    CHECK(placed.status == 201);
    CHECK(placed.text("service") == "platform/postgres");
    CHECK(placed.text("by") == "ann");
    CHECK(placed.json()->has("until"));
    CHECK(placed.json()->getValue<bool>("open"));
    const std::string url = placed.headers.at("location");
    CHECK(world.get(url).text("reason") == "the migration runs");

    const auto service = world.get("/services/platform/postgres").json();
    const auto hold = service->getArray("environments")->getObject(0)->getObject("hold");
    REQUIRE_FALSE(hold.isNull());
    CHECK(hold->getValue<std::string>("by") == "ann");
    const auto other = world.get("/services/redis").json();
    CHECK_FALSE(other->getArray("environments")->getObject(0)->has("hold"));

    const auto released = world.send("DELETE", url, R"({"by":"bob"})");
    CHECK(released.status == 200);
    CHECK(released.text("status") == "released");
    CHECK_FALSE(released.json()->has("deployment_id"));
    CHECK(count(world) == 0);
    CHECK(count(world, "?all=1") == 1);
    const auto after = world.get(url);
    CHECK_FALSE(after.json()->getValue<bool>("open"));
    CHECK(after.text("released_by") == "bob");
    CHECK(world.send("DELETE", url).status == 404);
}

TEST_CASE("holds are listed by environment") {
    World world;
    place(world, "");
    place(world, R"(,"service":"platform/redis")");
    CHECK(count(world) == 2);
    CHECK(count(world, "?env=staging&limit=1") == 1);
    CHECK(count(world, "?env=production") == 0);
    CHECK(world.get("/holds?enviroment=staging").status == 400);
}

TEST_CASE("a hold is found however many others there are") {
    World world;
    const auto first = place(world, R"(,"by":"ann")");
    REQUIRE(world.send("DELETE", first.headers.at("location")).status == 200);
    // More than one page of the history holds.
    std::vector<Hold> others;
    for (int i = 0; i < 510; ++i) {
        Hold hold;
        hold.environment = "production";
        hold.service = "service " + std::to_string(i);
        hold.reason = hold.by = "a test";
        others.push_back(hold);
    }
    Event event;
    event.trigger = "api";
    event.environment = "production";
    world.history().rollBack(event, {}, others);
    CHECK(count(world, "?all=1&env=staging") == 1);
    CHECK(count(world, "?env=staging") == 0);
    CHECK(count(world, "?env=production&limit=7") == 7);
    CHECK(count(world, "?all=1&env=production&limit=499") == 499);
    CHECK(world.get(first.headers.at("location")).text("by") == "ann");
}

TEST_CASE("nobody places a hold in the name of the configuration") {
    World world;
    for (const std::string by :
         {"the configuration", "  the configuration ", "The Configuration"}) {
        INFO(by);
        const auto refused = place(world, R"(,"by":")" + by + "\"");
        CHECK(refused.status == 422);
        CHECK(refused.text("detail").find("reserved for freezes") != std::string::npos);
        CHECK(world
                  .send("POST", "/rollback",
                        R"({"env":"staging","reason":"a test","triggered_by":")" + by + "\"}")
                  .status == 422);
    }
    CHECK(count(world, "?all=1") == 0);
    CHECK(place(world, R"(,"by":"the configuration team")").status == 201);
}

TEST_CASE("a hold that makes no sense is refused") {
    World world;
    CHECK(world.send("POST", "/holds", R"({"env":"moon","reason":"x"})").status == 422);
    CHECK(place(world, R"(,"service":"platform/mysql")").status == 422);
    CHECK(place(world, R"(,"until":"2001-01-01T00:00:00Z")").status == 422);
    CHECK(world.send("POST", "/holds", R"({"env":"staging"})").status == 400);
    CHECK(world.send("POST", "/holds", R"({"env":"staging","reason":" "})").status == 400);
    CHECK(world.send("POST", "/holds", R"({"env":"staging","reason":"a\u0000b"})").status == 400);
    CHECK(place(world, R"(,"for":"soon")").status == 400);
    CHECK(place(world, R"(,"for":"0s")").status == 400);
    CHECK(place(world, R"(,"for":"1h","until":"2101-01-01T00:00:00Z")").status == 400);
    CHECK(world
              .send("POST", "/holds",
                    R"({"env":"staging","reason":")" + std::string(1'001, 'x') + "\"}")
              .status == 400);
    CHECK(count(world) == 0);
    for (const std::string id : {"99", "x", "-1", "0"})
        CHECK(world.get("/holds/" + id).status == 404);
}

}  // namespace iac::http

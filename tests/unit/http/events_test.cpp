#include <catch2/catch.hpp>

#include "world.hpp"

namespace iac::http {
namespace {

/// Three events: a push that deploys, one that touches nothing, and a request of somebody else.
void fill(World& world) {
    Event push;
    push.trigger = "github";
    push.kind = EventKind::change;
    push.delivery = "d-1";
    push.environment = "staging";
    push.triggered_by = "ann";
    push.paths = {"platform/01.postgres/compose.yaml", "README.md"};
    world.history().admit(push, Plan{{{"platform/postgres", "a test"}}, {}});
    push.delivery = "d-2";
    push.paths = {"README.md"};
    world.history().admit(push, std::nullopt, "no changes");
    Event request;
    request.trigger = "manual";
    request.environment = "production";
    request.triggered_by = "bob";
    world.history().admit(request, Plan{{{"platform/postgres", "a test"}}, {}});
}

}  // namespace

TEST_CASE("events are listed newest first, page by page, with their verdict") {
    World world;
    fill(world);
    const auto first = world.get("/events?limit=2");
    CHECK(ids(first, "events") == "3 2");
    const auto ignored = first.json()->getArray("events")->getObject(1);
    CHECK(ignored->getValue<std::string>("verdict") == "ignored");
    CHECK(ignored->getValue<std::string>("reason") == "no changes");
    CHECK_FALSE(ignored->has("deployment_id"));
    const auto second = world.get(first.text("next"));
    CHECK(ids(second, "events") == "1");
    CHECK_FALSE(second.json()->has("next"));
    const auto push = second.json()->getArray("events")->getObject(0);
    CHECK(push->getValue<std::string>("verdict") == "accepted");
    CHECK_FALSE(push->has("paths"));
}

TEST_CASE("events are found by every filter") {
    World world;
    fill(world);
    CHECK(ids(world.get("/events?env=staging"), "events") == "2 1");
    CHECK(ids(world.get("/events?trigger=manual"), "events") == "3");
    CHECK(ids(world.get("/events?delivery=d-2"), "events") == "2");
    CHECK(ids(world.get("/events?triggered_by=ann&env=staging&limit=1"), "events") == "2");
    CHECK(ids(world.get("/events?since=2001-01-01"), "events") == "3 2 1");
    CHECK(ids(world.get("/events?until=2001-01-01"), "events").empty());
    CHECK(world.get("/events?status=ignored").status == 400);
    CHECK(world.get("/events?limit=0").status == 400);
    CHECK(world.get("/events?before=x").status == 400);
}

}  // namespace iac::http

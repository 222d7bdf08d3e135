// What changes something: cancel, retry, hold, release.
#include <catch2/catch.hpp>
#include <future>

#include "cli/commands.hpp"
#include "unit/cli/command.hpp"

namespace iac::cli {

using Catch::Contains;

TEST_CASE("a deployment that waits is cancelled, once") {
    Desk desk;
    REQUIRE(desk({"sync", "postgres"}).code == kDone);
    CHECK(desk({"cancel", "1"}).out == "Deployment 1 is cancelled.\n");
    CHECK_THAT(desk({"show", "1"}).out, Contains("Deployment 1: cancelled"));
    const auto again = desk({"cancel", "1"});
    CHECK(again.code == kUsage);
    CHECK_THAT(again.err, Contains("has ended already"));
    CHECK(desk({"cancel", "7"}).code == kUsage);
    CHECK(desk({"cancel"}).code == kUsage);
}

TEST_CASE("a deployment that runs is being cancelled until its steps have ended") {
    Desk desk;
    REQUIRE(desk({"sync", "postgres"}).code == kDone);
    const auto steps = desk.world.begin(1, {"platform/postgres"});
    CHECK_THAT(desk({"cancel", "1"}).out, Contains("is being cancelled"));
    CHECK_THAT(desk({"cancel", "1", "--json"}).out, Contains(R"("status":"cancelling")"));
}

TEST_CASE("retry deploys again what failed, and its outcome is the exit code") {
    Desk desk;
    REQUIRE(desk({"sync", "postgres"}).code == kDone);
    playEngine(desk.world, StepState::failed);
    auto engine =
        std::async(std::launch::async, [&] { playEngine(desk.world, StepState::changed); });
    const auto retried = desk({"retry", "1", "--wait"});
    INFO(retried.err);
    CHECK(retried.code == kDone);
    CHECK_THAT(retried.err, Contains("Deployment 2 to staging is accepted: platform/postgres."));
    CHECK_THAT(retried.out, Contains("Deployment 2 to staging") && Contains(": success"));
    CHECK_THAT(desk({"show", "2"}).out, Contains("retry of      1"));
    CHECK(desk({"retry", "2"}).code == kUsage);
}

TEST_CASE("a wait for a deployment that is cancelled is a failure") {
    Desk desk;
    auto other = std::async(std::launch::async, [&] {
        for (auto seen = desk.world.history().changes().count();
             desk.world.history().deployments({}).empty();)
            seen = desk.world.history().changes().wait(seen);
        desk.world.history().cancel(1, "ada");
    });
    const auto ended = desk({"sync", "postgres", "--wait", "--json"});
    CHECK(ended.code == kFailed);
    CHECK_THAT(ended.out, Catch::StartsWith("{\"id\":1,\"status\":\"cancelled\""));
}

TEST_CASE("a hold is listed and shown, refuses a deployment, and is released") {
    Desk desk;
    const auto held = desk({"hold", "staging", "--reason", "the migration runs", "--for", "2h"});
    INFO(held.err);
    REQUIRE(held.code == kDone);
    CHECK_THAT(held.out,
               Contains("Hold 1 on all of staging until 2") && Contains("iac-runner release 1"));
    const auto refused = desk({"deploy", "staging", "v1"});
    CHECK(refused.code == kUsage);
    CHECK_THAT(refused.err, Contains("the migration runs"));
    CHECK_THAT(desk({"holds"}).out, Contains("1   open    staging      (all)"));
    CHECK(desk({"holds", "--env", "production"}).err == "No holds.\n");

    CHECK(desk({"release", "1"}).out == "Hold 1 is released.\n");
    CHECK(desk({"holds"}).err == "No holds.\n");
    CHECK_THAT(desk({"holds", "--all"}).out, Contains("1   ended   staging"));
    CHECK(desk({"release", "1"}).code == kUsage);

    CHECK(desk({"hold", "staging"}).code == kUsage);
    CHECK(desk({"hold", "staging", "--reason", "x", "--for", "2h", "--until", "2999-01-01"}).code ==
          kUsage);
    CHECK(desk({"hold", "moon", "--reason", "x"}).code == kUsage);
    CHECK(desk({"hold", "staging", "--reason", "x", "--until", "2001-01-01T00:00:00Z"}).code ==
          kUsage);
}

TEST_CASE("show names the holds on what it deployed") {
    Desk desk;
    REQUIRE(desk({"sync", "postgres"}).code == kDone);
    playEngine(desk.world, StepState::changed);
    REQUIRE(desk({"hold", "staging", "platform/postgres", "--reason", "slow queries"}).code ==
            kDone);
    REQUIRE(desk({"hold", "staging", "platform/redis", "--reason", "elsewhere"}).code == kDone);
    const auto shown = desk({"show", "1"});
    CHECK_THAT(shown.out, Contains("\nHolds\n  1  platform/postgres in staging, by ") &&
                              Contains(": slow queries") && !Contains("elsewhere"));
}

}  // namespace iac::cli

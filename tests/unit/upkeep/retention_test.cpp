#include "upkeep/retention.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "fixtures/folder.hpp"
#include "fixtures/hold.hpp"
#include "unit/history/place.hpp"

using namespace iac;

namespace {

constexpr Duration kDay{86'400'000};

}  // namespace

TEST_CASE("holds that have ended and tokens that were revoked go when nothing else is old",
          "[retention]") {
    fixtures::Folder folder;
    history::HandClock clock;
    history::History history(folder / "history.db", {}, clock);
    for (const char* service : {"a", "b", "c"}) history.place(fixtures::holdOf("staging", service));
    for (const char* name : {"a", "b"}) {
        history::Token token;
        token.name = name;
        history.addToken(token, name);
    }
    history.release(1, "ada", std::nullopt);
    history.revokeToken("a");
    clock.pass(2 * kDay);
    history.release(2, "ada", std::nullopt);
    config::Keep keep;
    keep.deployments = kDay;
    const Cancellation never;
    upkeep::removeOld(keep, folder.path(), history, never);
    CHECK(history.allHolds({}, 10).size() == 2);
    CHECK(history.tokens().size() == 1);
}

TEST_CASE("logs go with their deployments, and those that a crash left behind too", "[retention]") {
    fixtures::Folder folder;
    history::HandClock clock;
    history::History history(folder / "history.db", {}, clock);
    const auto logs = folder / "logs";
    for (int i = 1; i <= 3; ++i) {
        Event event;
        event.trigger = "manual";
        event.environment = "staging";
        event.ref = "v" + std::to_string(i);
        history.admit(event, Plan{});
        const auto id = history.takeNext("staging").value().id;
        history.finish(id, {DeploymentState::success, {}});
        std::filesystem::create_directories(logs / std::to_string(id));
        std::ofstream(logs / std::to_string(id) / "1-1.log") << "text";
        clock.pass(kDay);
    }
    std::filesystem::create_directories(logs / "77");
    std::filesystem::create_directories(logs / "not-a-number");
    config::Keep keep;
    keep.deployments = kDay + kDay / 2;
    const Cancellation never;
    upkeep::removeOld(keep, folder.path(), history, never);
    CHECK_FALSE(history.deployment(1));
    CHECK_FALSE(history.deployment(2));
    CHECK(history.deployment(3));
    CHECK_FALSE(std::filesystem::exists(logs / "1"));
    CHECK_FALSE(std::filesystem::exists(logs / "2"));
    CHECK(std::filesystem::exists(logs / "3" / "1-1.log"));
    CHECK_FALSE(std::filesystem::exists(logs / "77"));
    CHECK(std::filesystem::exists(logs / "not-a-number"));
}

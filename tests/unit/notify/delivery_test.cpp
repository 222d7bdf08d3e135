// The outbox and its delivery through a notifier that ships, in its child process.
#include "notify/delivery.hpp"

#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"
#include "model/json.hpp"

using namespace iac;

namespace {

struct World {
    fixtures::Folder folder;
    SystemClock clock;
    history::History history{folder / "history.db", {}, clock};
    plugin::Registry registry{{std::filesystem::path(IAC_BUILD_DIR) / "lib/iac-runner/plugins"}};
    notify::Notifiers notifiers;

    void notifier(const std::string& name, const std::filesystem::path& file) {
        notify::NotifierInUse use;
        use.plugin = &registry.find("notifier", "iac.log");
        use.config = R"({"file":")" + file.string() + R"("})";
        notifiers.emplace(name, use);
    }
    DeploymentId finishedDeployment(const std::vector<std::string>& notify) {
        Event event;
        event.trigger = "manual";
        event.environment = "staging";
        event.ref = "main";
        const auto id = history.admit(event, Plan{}).deployment;
        history.takeNext("staging");
        history.finish(id, {DeploymentState::success, {}, notify});
        return id;
    }
    /// Waits until nothing is left in the outbox that is due or will be.
    void awaitEmptyOutbox() {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        for (auto seen = history.changes().count();;
             seen = history.changes().waitUntil(seen, deadline)) {
            if (history.dueMessages(10).empty() && !history.nextMessageTime()) return;
            REQUIRE(std::chrono::steady_clock::now() < deadline);
        }
    }
};

}  // namespace

TEST_CASE("a message in the outbox reaches its notifier once", "[delivery]") {
    World world;
    world.notifier("lines", world.folder / "lines");
    const auto first = world.finishedDeployment({"lines"});
    notify::Delivery delivery(world.history, world.notifiers, world.clock, deploymentJson);
    delivery.start();
    world.awaitEmptyOutbox();
    const auto second = world.finishedDeployment({"lines"});
    world.awaitEmptyOutbox();
    const std::string lines = fixtures::readFile(world.folder / "lines");
    CHECK_THAT(lines, Catch::Contains("deployment " + std::to_string(first) + " "));
    CHECK_THAT(lines, Catch::Contains("deployment " + std::to_string(second) + " "));
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
}

TEST_CASE("a notifier that fails for good is given up, and does not hold up another",
          "[delivery]") {
    World world;
    world.notifier("broken", world.folder / "nowhere/lines");
    world.notifier("lines", world.folder / "lines");
    world.finishedDeployment({"broken", "lines", "gone from the configuration"});
    notify::Delivery delivery(world.history, world.notifiers, world.clock, deploymentJson);
    delivery.start();
    world.awaitEmptyOutbox();
    CHECK_THAT(fixtures::readFile(world.folder / "lines"), Catch::Contains("success"));
}

TEST_CASE("what was not delivered before the end is delivered after the next start", "[delivery]") {
    World world;
    world.notifier("lines", world.folder / "lines");
    world.finishedDeployment({"lines"});
    {
        notify::Delivery stopped(world.history, world.notifiers, world.clock, deploymentJson);
        stopped.stop();
        CHECK(world.history.dueMessages(10).size() == 1);
    }
    notify::Delivery delivery(world.history, world.notifiers, world.clock, deploymentJson);
    delivery.start();
    world.awaitEmptyOutbox();
    CHECK_THAT(fixtures::readFile(world.folder / "lines"), Catch::Contains("success"));
}

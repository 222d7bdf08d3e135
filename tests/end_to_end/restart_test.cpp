// What happens when the daemon ends: in peace, and by kill -9.
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "end_to_end/gated_world.hpp"

using namespace iac::tests;

namespace {

bool awaitGone(pid_t pid) {
    const iac::Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process) return true;
    pollfd ended{process.get(), POLLIN, 0};
    return ::poll(&ended, 1, 20'000) == 1;
}

}  // namespace

TEST_CASE("SIGTERM lets a running step finish, and what was queued runs after the next start",
          "[restart]") {
    GatedWorld world;
    std::int64_t running = 0, queued = 0;
    {
        Daemon daemon(world.folder.path(), world.text());
        running = idOf(daemon.signedPost("/sync", R"({"services":["postgres"],"wait":false})"));
        world.awaitTask();
        queued = idOf(daemon.signedPost("/sync", R"({"services":["redis"],"wait":false})"));
        ::kill(daemon.pid(), SIGTERM);
        REQUIRE(daemon.awaitLog("stopping;"));
        world.openGate();
        CHECK(daemon.awaitEnd() == iac::Exit{0});
        CHECK_THAT(daemon.log(), Catch::Contains("sync completed: 1 succeeded, 0 failed"));
    }
    Daemon again(world.folder.path(), world.text());
    CHECK(again.awaitDeployment(running)->getValue<std::string>("status") == "success");
    CHECK(again.awaitDeployment(queued)->getValue<std::string>("status") == "success");
}

TEST_CASE("a step that does not finish within the grace time is handed back, and runs again",
          "[restart]") {
    GatedWorld world;
    std::int64_t id = 0;
    pid_t task = 0;
    {
        Daemon daemon(world.folder.path(), world.text("engine: { stop_grace: 200ms }\n"));
        id = idOf(daemon.signedPost("/sync", R"({"services":["postgres"],"wait":false})"));
        task = world.awaitTask();
        CHECK(daemon.stop() == iac::Exit{0});
    }
    CHECK(awaitGone(task));
    Daemon again(world.folder.path(), world.text());
    world.awaitTask();
    world.openGate();
    const auto deployment = again.awaitDeployment(id);
    CHECK(deployment->getValue<std::string>("status") == "success");
    CHECK(deployment->getArray("steps")->getObject(0)->getArray("attempts")->size() == 2);
}

TEST_CASE("a health check that hangs does not keep the daemon from ending", "[restart]") {
    ChangedRedis world;
    Daemon daemon(world.folder.path(), world.text("engine: { stop_grace: 200ms }\n"),
                  {"IAC_FAILPOINT=health.checking:1:hang"});
    CHECK(daemon.get("/health").status == 503);
    const auto began = std::chrono::steady_clock::now();
    CHECK(daemon.stop() == iac::Exit{1});
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(25));
    CHECK_THAT(daemon.log(), Catch::Contains("did not stop in time"));
}

TEST_CASE("kill -9 loses nothing: the interrupted step runs again, and its processes are gone",
          "[restart]") {
    GatedWorld world;
    std::int64_t running = 0, queued = 0;
    pid_t task = 0;
    {
        Daemon daemon(world.folder.path(), world.text());
        running = idOf(daemon.signedPost("/sync", R"({"services":["postgres"],"wait":false})"));
        task = world.awaitTask();
        queued = idOf(daemon.signedPost("/sync", R"({"services":["redis"],"wait":false})"));
        daemon.kill();
    }
    CHECK(awaitGone(task));
    Daemon again(world.folder.path(), world.text());
    world.awaitTask();
    world.openGate();
    CHECK(again.awaitDeployment(running)->getValue<std::string>("status") == "success");
    CHECK(again.awaitDeployment(queued)->getValue<std::string>("status") == "success");
}

TEST_CASE("with on_interrupt: fail an interrupted deployment is reported, and not run again",
          "[restart]") {
    GatedWorld world;
    std::int64_t id = 0;
    {
        Daemon daemon(world.folder.path(), world.text());
        id = idOf(daemon.signedPost("/sync", R"({"services":["postgres"],"wait":false})"));
        world.awaitTask();
        daemon.kill();
    }
    Daemon again(world.folder.path(), world.text("engine: { on_interrupt: fail }\n"));
    const auto deployment = again.awaitDeployment(id);
    CHECK(deployment->getValue<std::string>("status") == "failed");
    CHECK(deployment->getValue<std::string>("error_kind") == "interrupted");
}

TEST_CASE("a second runner on one data folder is refused", "[restart]") {
    GatedWorld world;
    const Daemon daemon(world.folder.path(), world.text());
    const auto second = runCommand({"serve", "--config", daemon.configurationFile().string()});
    CHECK(second.exit_code == 1);
    CHECK_THAT(second.err, Catch::Contains("data"));
}

TEST_CASE("lanes run side by side: a busy environment does not hold up another", "[restart]") {
    GatedWorld world;
    Daemon daemon(world.folder.path(), world.text());
    const auto staging =
        idOf(daemon.signedPost("/sync", R"({"services":["postgres"],"wait":false})"));
    world.awaitTask();
    CHECK(daemon.signedPost("/sync", R"({"env":"production","services":["redis"]})").at("status") ==
          "success");
    world.openGate();
    CHECK(daemon.awaitDeployment(staging)->getValue<std::string>("status") == "success");
}

TEST_CASE("pushes that come while one runs become one deployment with all of their services",
          "[restart]") {
    GatedWorld world;
    Daemon daemon(world.folder.path(), world.text());
    const auto running =
        idOf(daemon.signedPost("/sync", R"({"services":["postgres"],"wait":false})"));
    world.awaitTask();
    std::string before = world.infrastructure.git({"rev-parse", "HEAD"});
    std::vector<std::int64_t> ids;
    for (const char* service : {"02.redis", "10.minio"}) {
        const std::string file = std::string("platform/") + service + "/compose.yaml";
        world.infrastructure.write(file, "changed\n");
        const std::string after = world.infrastructure.commit("Change");
        ids.push_back(idOf(daemon.push(before, after, {file})));
        before = after;
    }
    world.openGate();
    CHECK(daemon.awaitDeployment(running)->getValue<std::string>("status") == "success");
    const auto last = daemon.awaitDeployment(ids[1]);
    CHECK(last->getArray("steps")->size() == 2);
    const auto first = daemon.get("/deployments/" + std::to_string(ids[0])).json();
    CHECK(first->getValue<std::string>("status") == "superseded");
    CHECK(first->getValue<std::int64_t>("superseded_by") == ids[1]);
}

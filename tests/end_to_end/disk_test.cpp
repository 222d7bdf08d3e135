// A disk that is slow, and one that fails (table 3b): nothing that was acknowledged is lost.
#include <catch2/catch.hpp>
#include <future>

#include "end_to_end/world.hpp"

using namespace iac::tests;

namespace {

/// A daemon whose syncs do as they are told.
struct DiskWorld : ChangedRedis {
    std::filesystem::path commands = folder / "commands";

    std::vector<std::string> environment() const {
        return commandedDisk("IAC_TEST_DISK=" + commands.string());
    }
    /// From the next sync on.
    void command(const std::string& what) const {
        const auto whole = folder / "commands.new";
        iac::fixtures::writeFile(whole, what);
        std::filesystem::rename(whole, commands);
    }
    static std::string delivery(int n) { return "delivery-" + std::to_string(n); }
    /// What became of a push of its own: its status, 0 when the connection was dropped.
    struct End {
        int n = 0, status = 0;
        std::chrono::steady_clock::duration took{};
    };
    End push(const Daemon& daemon, int n) const {
        const auto begun = std::chrono::steady_clock::now();
        End end{n, 0, {}};
        try {
            const std::string file = "platform/02.redis/" + std::to_string(n);
            end.status = daemon.push(before, after, {file}, delivery(n)).status;
        } catch (const Poco::Exception&) {
        }
        end.took = std::chrono::steady_clock::now() - begun;
        return end;
    }
    /// Many at the same time.
    std::vector<End> pushAll(const Daemon& daemon, int first, int count) const {
        std::vector<std::future<End>> pushes;
        for (int n = first; n < first + count; ++n)
            pushes.push_back(std::async(std::launch::async, [&, n] { return push(daemon, n); }));
        std::vector<End> ends;
        for (auto& one : pushes) ends.push_back(one.get());
        return ends;
    }
    void checkKept(const Daemon& daemon, int n) const {
        CAPTURE(n);
        CHECK(daemon.get("/events?delivery=" + delivery(n)).json()->getArray("events")->size() ==
              1);
    }
};

}  // namespace

TEST_CASE("a slow disk makes answers late and loses nothing", "[faults]") {
    const auto delay = GENERATE(std::chrono::milliseconds(200), std::chrono::milliseconds(3'000));
    const int rounds = delay.count() < 1'000 ? 3 : 1;
    CAPTURE(delay.count());
    const DiskWorld world;
    std::vector<DiskWorld::End> all;
    {
        Daemon daemon(world.folder.path(), world.text(), world.environment());
        REQUIRE(daemon.awaitLog("services at"));
        world.command(std::to_string(delay.count()));
        for (int round = 0; round < rounds; ++round)
            for (const auto& end : world.pushAll(daemon, round * 8, 8)) all.push_back(end);
        for (const auto& end : all) {
            CAPTURE(end.n);
            CHECK(end.status == 202);
            // As GitHub wants it; and none was answered before its sync.
            CHECK(end.took < std::chrono::seconds(10));
            CHECK(end.took >= delay);
        }
        daemon.kill();
    }
    Daemon after(world.folder.path(), world.text());
    for (const auto& end : all) world.checkKept(after, end.n);
    std::filesystem::remove(world.commands);
    const auto last = after.awaitDeployment(idOf(world.ChangedRedis::push(after)));
    CHECK(last->getValue<std::string>("status") == "success");
}

TEST_CASE("a disk that fails ends the runner, and what was acknowledged is there after the restart",
          "[faults]") {
    const DiskWorld world;
    std::vector<DiskWorld::End> before, during;
    {
        Daemon daemon(world.folder.path(), world.text(), world.environment());
        REQUIRE(daemon.awaitLog("services at"));
        before = world.pushAll(daemon, 0, 8);
        for (const auto& end : before) CHECK(end.status == 202);
        world.command("fail");
        during = world.pushAll(daemon, 8, 8);
        for (const auto& end : during) {
            CAPTURE(end.n);
            CHECK((end.status == 0 || end.status == 503));
        }
        REQUIRE(daemon.awaitLog("(end)"));
        CHECK(daemon.awaitEnd() != iac::Exit{0});
        CHECK_THAT(daemon.log(),
                   Catch::Contains("met an I/O error") && Catch::Contains("The runner stops here"));
    }
    std::filesystem::remove(world.commands);
    Daemon after(world.folder.path(), world.text());
    for (const auto& end : before) world.checkKept(after, end.n);
    // Who got no answer sends it again.
    for (const auto& end : world.pushAll(after, 8, 8))
        CHECK((end.status == 202 || end.status == 200));
    for (const auto& end : during) world.checkKept(after, end.n);
    const auto last = after.awaitDeployment(idOf(world.ChangedRedis::push(after)));
    CHECK(last->getValue<std::string>("status") == "success");
}

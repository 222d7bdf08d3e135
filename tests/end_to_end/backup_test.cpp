// kill -9 during a backup (K14), of the command and of the daemon beside it: what has the name of a
// backup is one, the history is as it was, and the next backup works.
#include <signal.h>

#include <catch2/catch.hpp>
#include <random>

#include "end_to_end/world.hpp"
#include "fixtures/database.hpp"

using namespace iac::tests;
using iac::fixtures::ask;

namespace {

/// A copy of the history of a KeptWorld is at least so many pages, each of them a write.
constexpr int kPages = 1'000;

/// The environment of a program that is killed at its so manieth write.
std::vector<std::string> lastWrite(int number) {
    return commandedDisk("IAC_TEST_LAST_WRITE=" + std::to_string(number));
}

/// A world with a history that was kept for a while: 4 MB.
struct KeptWorld : ChangedRedis {
    std::filesystem::path history = folder / "data" / "history.db", copy = folder / "copy.db";

    KeptWorld() {
        { Daemon(folder.path(), text()).stop(); }
        ask(history,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 40) "
            "INSERT INTO events SELECT i, 1000 * strftime('%s', 'now'), 't', 'request', 'd' || i, "
            "'', 'staging', 'r', '', '', '', '[]', 0, '[]', 'ada', hex(zeroblob(52000)), 0, 0, '', 0 "
            "FROM n");
    }
    std::vector<std::string> backupOf(const Daemon& daemon) const {
        return {"backup", copy.string(), "--config", daemon.configurationFile().string()};
    }
    /// Nothing was lost, and a backup made now is whole.
    void checkTruth(const Daemon& daemon) const {
        CHECK(ask(history, "PRAGMA integrity_check") == "ok");
        if (std::filesystem::exists(copy)) {
            CHECK(ask(copy, "PRAGMA integrity_check") == "ok");
            std::filesystem::remove(copy);
        }
        const auto again = runCommand(backupOf(daemon));
        INFO(again.err);
        REQUIRE(again.exit_code == 0);
        CHECK(ask(copy, "PRAGMA integrity_check") == "ok");
        CHECK(ask(copy, "SELECT COUNT(*) FROM events") ==
              ask(history, "SELECT COUNT(*) FROM events"));
        for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
            CHECK_THAT(entry.path().string(), !Catch::Contains("unfinished"));
    }
};

}  // namespace

TEST_CASE("a backup that is killed while it copies leaves no half file under its name", "[kill]") {
    const KeptWorld world;
    {
        Daemon daemon(world.folder.path(), world.text());
        std::mt19937 random(std::random_device{}());
        std::uniform_int_distribution<int> any(3, kPages - 1);
        for (const int write : {1, 2, any(random), any(random), kPages}) {
            CAPTURE(write);
            CHECK(runCommand(world.backupOf(daemon), lastWrite(write)).exit_code == -SIGKILL);
            CHECK_FALSE(std::filesystem::exists(world.copy));
            world.checkTruth(daemon);
            std::filesystem::remove(world.copy);
        }
        CHECK(world.push(daemon).status == 202);
        CHECK(runCommand(world.backupOf(daemon), lastWrite(kPages / 2)).exit_code == -SIGKILL);
        daemon.kill();
    }
    Daemon after(world.folder.path(), world.text());
    world.checkTruth(after);
    CHECK(world.push(after).at("duplicate") == "true");
}

TEST_CASE("a backup that is killed after it has copied is none, or is whole", "[kill]") {
    const KeptWorld world;
    const Daemon daemon(world.folder.path(), world.text());
    SECTION("it was not looked at yet") {
        CHECK(runCommand(world.backupOf(daemon), {"IAC_FAILPOINT=backup.copied"}).exit_code ==
              -SIGKILL);
        CHECK_FALSE(std::filesystem::exists(world.copy));
    }
    SECTION("it has its name") {
        CHECK(runCommand(world.backupOf(daemon), {"IAC_FAILPOINT=backup.named"}).exit_code ==
              -SIGKILL);
        CHECK(std::filesystem::exists(world.copy));
    }
    world.checkTruth(daemon);
}

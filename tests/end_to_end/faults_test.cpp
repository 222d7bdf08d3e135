// What the world does to the daemon (tables 3b and 3d): it says so, loses nothing, and goes on by
// itself when it is over.
#include <sqlite3.h>
#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "end_to_end/world.hpp"

using namespace iac::tests;

namespace {

struct FaultyWorld : ChangedRedis {
    /// The push is taken now, and deployed once.
    void checkGoesOn(Daemon& daemon) const {
        const Reply reply = push(daemon);
        INFO(reply.body);
        REQUIRE(reply.status == 202);
        const auto deployment = daemon.awaitDeployment(idOf(reply));
        CHECK(deployment->getValue<std::string>("status") == "success");
        CHECK(daemon.get("/deployments").json()->getArray("deployments")->size() == 1);
    }
};

void execute(sqlite3* database, const char* sql) {
    REQUIRE(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
}

/// A small disk of its own, gone afterwards; only root can have one.
class SmallDisk {
public:
    explicit SmallDisk(std::filesystem::path at) : at_(std::move(at)) {
        std::filesystem::create_directories(at_);
        mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=32m,mode=0700") == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool mounted() const { return mounted_; }
    void fill() const {
        std::ofstream out(at_ / "filler", std::ios::binary);
        const std::string block(4096, 'x');
        while (out << block << std::flush) continue;
    }
    void makeRoom() const { std::filesystem::remove(at_ / "filler"); }

private:
    std::filesystem::path at_;
    bool mounted_ = false;
};

}  // namespace

TEST_CASE("a full disk is a 503 and never a 202, and it goes on when there is room", "[faults]") {
    const FaultyWorld world;
    const SmallDisk disk(world.folder / "data");
    if (!disk.mounted()) {
        WARN("a disk of its own needs root: not tried");
        return;
    }
    Daemon daemon(world.folder.path(), world.text());
    REQUIRE(daemon.awaitLog("services at"));
    disk.fill();
    const Reply full = world.push(daemon);
    CHECK(full.status == 503);
    CHECK(full.headers.count("Retry-After") == 1);
    CHECK(daemon.get("/health").status == 503);
    disk.makeRoom();
    REQUIRE(daemon.awaitLog("The history can be written again."));
    world.checkGoesOn(daemon);
}

TEST_CASE("a database that another process has locked is a 503, and it goes on afterwards",
          "[faults]") {
    const FaultyWorld world;
    Daemon daemon(world.folder.path(), world.text());
    REQUIRE(daemon.awaitLog("services at"));
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open((world.folder / "data" / "history.db").c_str(), &other) == SQLITE_OK);
    execute(other, "BEGIN IMMEDIATE");
    CHECK(world.push(daemon).status == 503);
    // What only reads is not held up.
    CHECK(daemon.get("/deployments").status == 200);
    execute(other, "ROLLBACK");
    sqlite3_close(other);
    REQUIRE(daemon.awaitLog("The history can be written again."));
    world.checkGoesOn(daemon);
}

TEST_CASE("a remote that does not answer for a moment is asked again", "[faults]") {
    const FaultyWorld world;
    Daemon daemon(world.folder.path(), world.text());
    REQUIRE(daemon.awaitLog("services at"));
    const auto there = world.infrastructure.folder(), away = world.folder / "away";
    std::filesystem::rename(there, away);
    // A commit that the mirror does not have yet.
    iac::fixtures::writeFile(away / ChangedRedis::kFile, "newer\n");
    const auto git = [&](const std::string& rest) {
        return std::system(("git -C " + away.string() + " -c user.name=a -c user.email=a@b " +
                            rest + " >/dev/null")
                               .c_str());
    };
    REQUIRE(git("commit --quiet --all --message newer") == 0);
    std::string newer;
    std::ifstream(away / ".git" / "refs" / "heads" / "main") >> newer;
    const Reply reply = daemon.push(world.after, newer, {ChangedRedis::kFile});
    REQUIRE(reply.status == 202);
    REQUIRE(daemon.awaitLog("it is tried again"));
    std::filesystem::rename(away, there);
    const auto deployment = daemon.awaitDeployment(idOf(reply));
    CHECK(deployment->getValue<std::string>("status") == "success");
    CHECK(deployment->getValue<std::string>("revision") == newer);
}

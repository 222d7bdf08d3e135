// kill -9 at every stage of a push (K1 to K18 of the fault table): after the restart what was
// acknowledged is there, nothing is there twice, and nothing of the dead daemon is left.
#include <Poco/Net/StreamSocket.h>
#include <signal.h>
#include <stdlib.h>

#include <catch2/catch.hpp>

#include "end_to_end/world.hpp"

using namespace iac::tests;

namespace {

struct KilledWorld : ChangedRedis {
    /// A daemon that dies there; nobody waits for it to listen.
    Daemon daemonThatDiesAt(const std::string& failpoint) const {
        return {folder.path(), text(), {"IAC_FAILPOINT=" + failpoint}};
    }
    /// Sends the push; whether it was acknowledged.
    bool push(const Daemon& daemon) const {
        try {
            return ChangedRedis::push(daemon).status == 202;
        } catch (const Poco::Exception&) {
            return false;  // it died before the answer
        }
    }
    /// Processes that work below the folder: tasks, hosts, git.
    std::vector<std::string> processesLeft() const {
        std::vector<std::string> left;
        for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
            std::error_code gone;
            const auto where = std::filesystem::read_symlink(entry.path() / "cwd", gone);
            if (!gone && where.string().starts_with(folder.path().string()))
                left.push_back(entry.path().filename().string());
        }
        return left;
    }
    /// After the restart: the push is deployed, once, and nothing else is.
    void checkTruth(Daemon& daemon, bool acknowledged) const {
        // GitHub sends again what was not acknowledged.
        if (!acknowledged) ChangedRedis::push(daemon);
        const auto last = daemon.awaitDeployment(1);
        CHECK(last->getValue<std::string>("status") == "success");
        CHECK(last->getValue<std::string>("revision") == after);
        CHECK(last->getArray("steps")->size() == 1);
        CHECK(daemon.get("/deployments").json()->getArray("deployments")->size() == 1);
        // The same delivery, whenever it comes: known.
        const Reply again = ChangedRedis::push(daemon);
        CHECK(again.at("duplicate") == "true");
        CHECK(daemon.stop() == iac::Exit{0});
        CHECK(std::filesystem::is_empty(folder.path() / "data" / "work"));
        CHECK(processesLeft().empty());
    }
};

/// How often each place is tried; each time at another of the moments when it is reached.
int rounds() {
    const char* text = ::getenv("IAC_KILL_ROUNDS");
    return text == nullptr ? 1 : std::max(1, ::atoi(text));
}

void dieAndGoOn(const std::string& failpoint) {
    CAPTURE(failpoint);
    for (int round = 0; round < rounds(); ++round) {
        const KilledWorld world;
        bool acknowledged = false;
        {
            Daemon first = world.daemonThatDiesAt(failpoint);
            acknowledged = world.push(first);
            REQUIRE(first.awaitLog("(end)"));  // it was reached
        }
        Daemon second(world.folder.path(), world.text());
        world.checkTruth(second, acknowledged);
    }
}

}  // namespace

TEST_CASE("killed while a push comes in: it is there once, or not at all and not acknowledged",
          "[kill]") {
    SECTION("half of the body is read") {
        const KilledWorld world;
        {
            Daemon first(world.folder.path(), world.text());
            Poco::Net::StreamSocket half(Poco::Net::SocketAddress("127.0.0.1", first.port()));
            const std::string head =
                "POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{";
            half.sendBytes(head.data(), static_cast<int>(head.size()));
            first.kill();
        }
        Daemon second(world.folder.path(), world.text());
        world.checkTruth(second, false);
    }
    SECTION("it is understood") {
        dieAndGoOn("intake.received");
    }
    SECTION("it is written, and not committed") {
        dieAndGoOn("history.written");
    }
    SECTION("it is committed, and not acknowledged") {
        dieAndGoOn("history.committed");
    }
    SECTION("it is accepted, and not answered") {
        dieAndGoOn("intake.admitted");
    }
}

TEST_CASE("killed while a deployment begins: it begins again", "[kill]") {
    SECTION("it is taken") {
        dieAndGoOn("lane.taken");
    }
    SECTION("the repository is fetched") {
        dieAndGoOn("preparation.fetched");
    }
    SECTION("its plan is set") {
        dieAndGoOn("deployer.planned");
    }
    SECTION("a step is begun, and nothing is started") {
        dieAndGoOn("step.begun");
    }
}

TEST_CASE("killed around the end of a step: it runs again, or is known to be done", "[kill]") {
    SECTION("it has returned, and nothing is recorded") {
        dieAndGoOn("step.returned");
    }
    SECTION("its attempt is recorded") {
        dieAndGoOn("step.recorded");
    }
    SECTION("its end is recorded") {
        dieAndGoOn("step.ended");
    }
    SECTION("the deployment is about to end") {
        dieAndGoOn("deployer.ending");
    }
    SECTION("the deployment has ended") {
        dieAndGoOn("deployer.ended");
    }
}

TEST_CASE("killed in any transaction of a push, before and after its commit", "[kill]") {
    const auto point = GENERATE(as<std::string>(), "history.written", "history.committed");
    // Taken, planned, begun, returned, ended: the seventh is the end of the deployment.
    const int transaction = GENERATE(range(2, 8));
    dieAndGoOn(point + ":" + std::to_string(transaction));
}

TEST_CASE("killed while a rollback is admitted: it is there with its holds, or neither is",
          "[kill]") {
    const std::string rollback = R"({"env":"staging","reason":"it eats data"})";
    const bool committed = GENERATE(false, true);
    KilledWorld world;
    const auto redis = [](const Daemon& daemon) {
        return daemon.signedPost("/sync", R"({"services":["redis"]})").at("status");
    };
    {
        Daemon before(world.folder.path(), world.text());
        CHECK(redis(before) == "success");
        world.infrastructure.write(ChangedRedis::kFile, "bad\n");
        world.infrastructure.commit("Make it bad");
        CHECK(redis(before) == "success");
        before.stop();
    }
    {
        const Daemon dying =
            // The first transaction uses up the nonce of the request.
            world.daemonThatDiesAt(committed ? "history.committed:2" : "history.written:2");
        CHECK_THROWS_AS(dying.signedPost("/rollback", rollback), Poco::Exception);
    }
    Daemon after(world.folder.path(), world.text());
    const auto count = [&](const std::string& path, const char* list) {
        return after.get(path).json()->getArray(list)->size();
    };
    CHECK(count("/holds", "holds") == (committed ? 1 : 0));
    CHECK(count("/deployments", "deployments") == (committed ? 3 : 2));
    // Who got no answer asks again.
    const auto back = after.awaitDeployment(idOf(after.signedPost("/rollback", rollback)));
    CHECK(back->getValue<std::string>("revision") == world.after);
    CHECK(count("/holds", "holds") == 1);
}

TEST_CASE("killed while it recovers from a kill: it recovers again", "[kill]") {
    const KilledWorld world;
    bool acknowledged = false;
    {
        Daemon first = world.daemonThatDiesAt("step.begun");
        acknowledged = world.push(first);
        REQUIRE(first.awaitLog("(end)"));
    }
    // A step that is interrupted three times is not tried again: two more are too many.
    {
        Daemon second = world.daemonThatDiesAt("engine.recovering");
        REQUIRE(second.awaitLog("(end)"));
    }
    Daemon third(world.folder.path(), world.text());
    world.checkTruth(third, acknowledged);
}

TEST_CASE("killed while its schema is made, or while it stops: the next start goes on", "[kill]") {
    const KilledWorld world;
    SECTION("while the schema is made") {
        Daemon first = world.daemonThatDiesAt("history.migrated");
        REQUIRE(first.awaitLog("(end)"));
    }
    SECTION("between two versions of the schema") {
        Daemon first = world.daemonThatDiesAt("history.migrated:2");
        REQUIRE(first.awaitLog("(end)"));
    }
    SECTION("while it stops") {
        Daemon first = world.daemonThatDiesAt("runner.draining");
        REQUIRE(first.awaitLog("listening on"));
        CHECK(first.stop() == iac::Exit{-SIGKILL});
    }
    Daemon second(world.folder.path(), world.text());
    world.checkTruth(second, false);
}

TEST_CASE("killed while the log of the database is written back: nothing that was answered is lost",
          "[kill]") {
    const KilledWorld world;
    int answered = 0;
    {
        Daemon first = world.daemonThatDiesAt("history.checkpointed");
        REQUIRE(first.awaitLog("services at"));
        try {
            for (int i = 0; i < 5'000; ++i) {
                // An ignored push of the same body would be counted, not stored.
                const std::string number = std::to_string(i);
                const Reply reply = first.push(world.before, world.after,
                                               {"docs/" + number + ".md"}, "delivery-" + number);
                if (reply.status == 200) ++answered;
            }
        } catch (const Poco::Exception&) {
        }
        REQUIRE(first.awaitLog("(end)"));
    }
    REQUIRE(answered > 10);
    Daemon second(world.folder.path(), world.text());
    const auto last = "delivery-" + std::to_string(answered - 1);
    CHECK(second.get("/events?delivery=" + last).json()->getArray("events")->size() == 1);
}

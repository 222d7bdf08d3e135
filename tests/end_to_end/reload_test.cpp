// A configuration is read again while the daemon runs: as a whole, or not at all.
#include <Poco/Net/StreamSocket.h>
#include <signal.h>

#include <catch2/catch.hpp>

#include "end_to_end/gated_world.hpp"

using namespace iac::tests;

namespace {

std::int64_t deployPostgres(const Daemon& daemon, const std::string& environment) {
    return idOf(daemon.signedPost(
        "/sync", R"({"services":["postgres"],"wait":false,"env":")" + environment + "\"}"));
}

std::string printed(const Daemon& daemon, std::int64_t id) {
    return daemon.get("/deployments/" + std::to_string(id) + "/log").body;
}

}  // namespace

TEST_CASE("what runs ends with the configuration it began with, and what comes gets the new one",
          "[reload]") {
    GatedWorld world;
    Daemon daemon(world.folder.path(), world.text());
    const auto first = deployPostgres(daemon, "staging");
    world.awaitTask();
    REQUIRE(daemon.reload(replaced(world.text(), "DEPLOY_ENV: staging", "DEPLOY_ENV: harbour")));
    const auto second = deployPostgres(daemon, "staging");
    world.openGate();
    const auto ended = daemon.awaitDeployment(first);
    CHECK(ended->getValue<std::string>("status") == "success");
    CHECK_THAT(printed(daemon, first), Catch::Contains("deployed to staging"));
    world.awaitTask();
    world.openGate();
    const auto after = daemon.awaitDeployment(second);
    CHECK(after->getValue<std::string>("status") == "success");
    CHECK_THAT(printed(daemon, second), Catch::Contains("deployed to harbour"));
    // One at a time, across the two configurations.
    CHECK(after->getValue<std::string>("started_at") >=
          ended->getValue<std::string>("finished_at"));
    CHECK(daemon.stop() == iac::Exit{0});
}

TEST_CASE("what runs in a configuration that is gone can be cancelled, and ends with the daemon",
          "[reload]") {
    GatedWorld world;
    Daemon daemon(world.folder.path(), world.text("engine: { stop_grace: 200ms }\n"));
    const auto id = deployPostgres(daemon, "staging");
    world.awaitTask();
    REQUIRE(daemon.reload(world.text("engine: { stop_grace: 100ms }\n")));
    SECTION("cancelled") {
        CHECK(daemon.post("/deployments/" + std::to_string(id) + "/cancel", "{}").status == 202);
        CHECK(daemon.awaitDeployment(id)->getValue<std::string>("status") == "cancelled");
        CHECK(daemon.stop() == iac::Exit{0});
    }
    SECTION("handed back when the daemon ends") {
        CHECK(daemon.stop() == iac::Exit{0});
        Daemon again(world.folder.path(), world.text());
        world.awaitTask();
        world.openGate();
        CHECK(again.awaitDeployment(id)->getValue<std::string>("status") == "success");
    }
}

TEST_CASE("an environment comes and goes with its configuration", "[reload]") {
    GatedWorld world;
    Daemon daemon(world.folder.path(), world.text());
    const auto running = deployPostgres(daemon, "production");
    world.awaitTask();
    const auto waiting = deployPostgres(daemon, "production");
    REQUIRE(daemon.reload(replaced(world.text(), "production: {", "edge: {")));
    CHECK(daemon.awaitDeployment(waiting)->getValue<std::string>("error_kind") ==
          "unknown_environment");
    CHECK(daemon.signedPost("/sync", R"({"services":["postgres"],"env":"production"})").status ==
          422);
    const auto id =
        idOf(daemon.signedPost("/sync", R"({"services":["redis"],"wait":false,"env":"edge"})"));
    CHECK(daemon.awaitDeployment(id)->getValue<std::string>("status") == "success");
    world.openGate();
    CHECK(daemon.awaitDeployment(running)->getValue<std::string>("status") == "success");
}

TEST_CASE("a configuration that cannot be used changes nothing, and the log says why", "[reload]") {
    TemporaryFolder folder;
    const Infrastructure infrastructure(folder.path() / "infrastructure");
    const std::string text = configuration(infrastructure.folder());
    Daemon daemon(folder.path(), text);
    const auto refused = [&](const std::string& wrong, const std::string& why) {
        CAPTURE(why);
        CHECK_FALSE(daemon.reload(wrong));
        CHECK_THAT(daemon.log(), Catch::Contains(why));
        CHECK(daemon.signedPost("/sync", R"({"services":["redis"]})").status == 200);
    };
    refused("server: {", "iac-runner.yaml:1: is not YAML");
    refused(text + "nonsense: 1\n", "nonsense");
    refused(replaced(text, "127.0.0.1:0", "127.0.0.1:1"),
            "server.listen cannot change while the runner runs: restart it");
    refused(replaced(text, "data: ./data", "data: ./elsewhere"),
            "data cannot change while the runner runs: restart it");
    refused(replaced(text, "iac.invoke", "iac.nothing"), "iac.nothing");
    refused(replaced(text, "id: \"platform/{name}\"", "id: platform/same"), "platform/same");
    refused(replaced(text, "  manual: { plugin: iac.manual,",
                     "  again: { plugin: iac.manual, with: { secret: \"a secret of its own\" } }\n"
                     "  manual: { plugin: iac.manual,"),
            "answers POST /deploy, and so does");
    CHECK_FALSE(std::filesystem::exists(folder.path() / "elsewhere"));
    const std::string well = "iac_runner_config_last_reload_successful ";
    CHECK_THAT(daemon.get("/metrics").body, Catch::Contains(well + "0\n"));
    CHECK(daemon.reload(text));
    CHECK_THAT(daemon.get("/metrics").body, Catch::Contains(well + "1\n"));
}

TEST_CASE("a secret file that is replaced is read at once, and the rotated secret is still masked",
          "[reload]") {
    TemporaryFolder folder;
    const Infrastructure infrastructure(folder.path() / "infrastructure");
    const auto rotate = [&](const std::string& secret) {
        const auto fresh = folder.path() / "fresh.env";
        std::ofstream(fresh) << "HOOK=" << secret << "\n";
        std::filesystem::rename(fresh, folder.path() / "secrets.env");
    };
    rotate("the first secret");
    Daemon daemon(
        folder.path(),
        replaced(configuration(infrastructure.folder(), "secrets: [ { file: ./secrets.env } ]\n"),
                 std::string("iac.manual, with: { secret: \"") + kSecret + "\"",
                 "iac.manual, with: { secret: \"${HOOK}\""));
    const std::string body = R"({"services":["redis"]})";
    const auto sync = [&](const std::string& secret) {
        return daemon.request("POST", "/sync", body,
                              {{"X-Hub-Signature-256", "sha256=" + hmacHex(secret, body)}});
    };
    CHECK(sync("the first secret").status == 200);
    // Somebody is in the middle of a change that is not to be used yet.
    std::ofstream(daemon.configurationFile()) << "server: {";
    CHECK(daemon.isTakenOverAfter([&] { rotate("the second secret"); }));
    CHECK(sync("the first secret").status == 401);
    CHECK(sync("the second secret").status == 200);
    // It is gone for a moment: what was in use stays in use.
    CHECK_FALSE(
        daemon.isTakenOverAfter([&] { std::filesystem::remove(folder.path() / "secrets.env"); }));
    CHECK(sync("the second secret").status == 200);
    CHECK(daemon.isTakenOverAfter([&] { rotate("the third secret"); }));
    CHECK(sync("the third secret").status == 200);
}

TEST_CASE("followers keep their configuration in use, and only so many are", "[reload]") {
    GatedWorld world;
    Daemon daemon(world.folder.path(), world.text());
    const auto id = deployPostgres(daemon, "staging");
    world.awaitTask();
    const std::string path = "/deployments/" + std::to_string(id) + "/log?follow=true";
    std::vector<Poco::Net::StreamSocket> followers;
    const auto follow = [&] {
        auto& socket = followers.emplace_back(Poco::Net::SocketAddress("127.0.0.1", daemon.port()));
        std::string head = "GET " + path + " HTTP/1.1\r\nHost: a\r\n";
        for (const auto& [name, value] : Daemon::stamped("GET", path))
            head += name + ": " + value + "\r\n";
        head += "\r\n";
        socket.sendBytes(head.data(), static_cast<int>(head.size()));
        char status[12] = {};  // it is being answered
        REQUIRE(socket.receiveBytes(status, sizeof status) == sizeof status);
        CHECK(std::string(status, sizeof status) == "HTTP/1.1 200");
    };
    for (int in_use = 1; in_use < 8; ++in_use) {
        follow();
        CHECK(daemon.reload(world.text()));
    }
    follow();
    CHECK_FALSE(daemon.reload(world.text()));
    CHECK_THAT(daemon.log(), Catch::Contains("still use 8 configurations"));
    world.openGate();
    daemon.awaitDeployment(id);
    for (auto& follower : followers) {
        follower.setReceiveTimeout(Poco::Timespan(60, 0));
        std::string rest;
        char bytes[4096];
        while (rest.find("0\r\n\r\n") == std::string::npos) {
            const int size = follower.receiveBytes(bytes, sizeof bytes);
            REQUIRE(size > 0);
            rest.append(bytes, static_cast<std::size_t>(size));
        }
        CHECK_THAT(rest, Catch::Contains("deployed to staging"));
    }
    followers.clear();
    // The last byte of an answer is sent a moment before its request has ended.
    bool taken_over = false;
    for (int tries = 0; tries < 100 && !taken_over; ++tries)
        taken_over = daemon.reload(world.text());
    CHECK(taken_over);
    CHECK(daemon.stop() == iac::Exit{0});
}

TEST_CASE("killed while a configuration is taken over: the next start uses it", "[reload][kill]") {
    const ChangedRedis world;
    const auto next = replaced(world.text(), "production: {", "edge: {");
    {
        Daemon first(world.folder.path(), world.text(), {"IAC_FAILPOINT=runner.reloading"});
        std::ofstream(first.configurationFile()) << next;
        ::kill(first.pid(), SIGHUP);
        REQUIRE(first.awaitLog("(end)"));
    }
    Daemon second(world.folder.path(), next);
    CHECK(world.push(second).status == 202);
    CHECK(second.awaitDeployment(1)->getValue<std::string>("status") == "success");
}

TEST_CASE("config check finds two triggers that answer one route", "[reload]") {
    TemporaryFolder folder;
    const Infrastructure infrastructure(folder.path() / "infrastructure");
    const auto file = folder.path() / "iac-runner.yaml";
    auto text = configuration(infrastructure.folder());
    const auto at = text.find("triggers:\n");
    REQUIRE(at != std::string::npos);
    text.insert(at + std::string("triggers:\n").size(),
                "  another: { plugin: iac.manual, with: { secret: x } }\n");
    iac::fixtures::writeFile(file, text);
    const auto end = runCommand({"config", "check", file.string()});
    CHECK(end.exit_code == 2);
    CHECK_THAT(end.err, Catch::Contains("POST /deploy") && Catch::Contains("triggers.another") &&
                            Catch::Contains("triggers.manual"));
}

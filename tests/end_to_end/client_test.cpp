// The command line against the real daemon: what a person types, and what a script reads.
#include <catch2/catch.hpp>

#include "end_to_end/world.hpp"

using namespace iac::tests;
using Catch::Contains;

namespace {

struct ClientWorld {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    Daemon daemon{folder.path(), configuration(infrastructure.folder())};
    std::string url = "IAC_URL=http://127.0.0.1:" + std::to_string(daemon.port());

    /// With the secret of the configuration.
    CommandEnd operator()(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--config", daemon.configurationFile().string()});
        return runCommand(arguments, {url});
    }
    std::string changeRedis(const std::string& text) {
        infrastructure.write("platform/02.redis/compose.yaml", text);
        return infrastructure.commit("redis: " + text);
    }
};

const std::string kGreen = "\033[32m";

/// What a command writes to a terminal.
std::string onTerminal(const ClientWorld& world, const std::string& arguments,
                       const std::string& variable) {
    std::string out;
    iac::RunLimits limits;
    limits.timeout = iac::Duration(60'000);
    limits.output = [&](int, std::string_view bytes) { out += bytes; };
    const std::string command = binary().string() + " " + arguments + " --config " +
                                world.daemon.configurationFile().string();
    iac::run({{"script", "--quiet", "--command", command, "/dev/null"},
              {"PATH=/usr/bin:/bin", "TERM=xterm", world.url, variable},
              ""},
             {}, limits);
    return out;
}

}  // namespace

TEST_CASE("deploy, look, roll back, hold and release, as a person does", "[client]") {
    ClientWorld world;
    const std::string first = world.infrastructure.git({"rev-parse", "HEAD"});
    const auto deployed = world({"deploy", "staging", "main", "--wait"});
    INFO(deployed.err);
    REQUIRE(deployed.exit_code == 0);
    CHECK_THAT(deployed.err, Contains("redis: " + first + " to staging"));
    CHECK_THAT(deployed.out, Catch::StartsWith("Deployment 1 to staging, main (" +
                                               first.substr(0, 10) + "): success\n") &&
                                 Contains("  changed    platform/redis") && !Contains(kGreen));

    const std::string second = world.changeRedis("7.4");
    const auto plan = world({"plan", "staging", "main"});
    CHECK_THAT(plan.out, Contains("platform/redis") && Contains("deploy") &&
                             Contains("platform/02.redis/compose.yaml"));
    const auto dry = world({"deploy", "staging", "main", "--service", "redis", "--dry-run"});
    CHECK(dry.exit_code == 0);
    CHECK_THAT(dry.out, Contains("dry run: success") && Contains("would run invoke redis.sync"));
    const auto json = world({"sync", "redis", "--wait", "--json"});
    REQUIRE(json.exit_code == 0);
    CHECK_THAT(json.out, Catch::StartsWith("{\"id\":3,\"status\":\"success\""));

    const auto back = world({"rollback", "staging", "--reason", "slow queries", "--wait"});
    INFO(back.err);
    REQUIRE(back.exit_code == 0);
    CHECK_THAT(back.out, Contains(first.substr(0, 10)) && Contains("platform/redis"));
    CHECK_THAT(world({"holds"}).out, Contains("platform/redis") && Contains("slow queries"));
    const auto refused = world({"deploy", "staging", "main", "--service", "redis"});
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.err, Contains("slow queries"));
    const auto shown = world({"show", "4"});
    CHECK_THAT(shown.out, Contains("rollback of   3") && Contains("\nHolds\n  1  platform/redis") &&
                              Contains("\nNotifications\n"));
    CHECK_THAT(world({"services", "redis"}).out,
               Contains(first.substr(0, 10)) && Contains("slow queries"));
    CHECK_THAT(world({"release", "1"}).out, Contains("Hold 1 is released.\n"));

    CHECK_THAT(world({"history", "--env", "staging", "--service", "platform/redis", "--revision",
                      second, "--status", "success", "--since", "1h", "--json"})
                   .out,
               Contains("\"id\":3,"));
    CHECK_THAT(world({"events", "--since", "1h", "--limit", "1"}).out, Contains("accepted"));
}

TEST_CASE("plan --drift asks every executor, and deploys nothing", "[client]") {
    ClientWorld world;
    REQUIRE(world({"sync", "redis", "minio", "--wait"}).exit_code == 0);
    const auto drift = world({"plan", "--drift", "staging"});
    INFO(drift.err);
    CHECK(drift.exit_code == 0);
    CHECK_THAT(drift.out, Contains("platform/redis") && Contains("platform/minio") &&
                              Contains("unknown  ") && Contains("would run invoke redis.sync") &&
                              !Contains("postgres"));
    const auto history = world({"history", "--json"});
    CHECK_THAT(history.out, Contains("\"dry_run\":true"));
}

TEST_CASE("a table is coloured on a terminal only, and not where NO_COLOR is set", "[client]") {
    ClientWorld world;
    REQUIRE(world({"sync", "redis", "--wait"}).exit_code == 0);
    CHECK_THAT(world({"history"}).out, Contains("success") && !Contains("\033"));
    CHECK_THAT(onTerminal(world, "history", "NO_COLOR="), Contains(kGreen + "success"));
    CHECK_THAT(onTerminal(world, "history", "NO_COLOR=1"),
               Contains("success") && !Contains("\033"));
}

TEST_CASE("a failed deployment is exit code 1, a retry deploys it again, cancel ends it",
          "[client]") {
    ClientWorld world;
    world.infrastructure.write(
        "platform/02.redis/deploy.py",
        "import nowhere\nfrom invoke import task\n\n\n@task\ndef sync(c):\n    pass\n");
    world.infrastructure.commit("Break redis");
    const auto failed = world({"deploy", "staging", "main", "--service", "redis", "--wait"});
    CHECK(failed.exit_code == 1);
    CHECK_THAT(failed.out, Contains(": failed\n") && Contains("nowhere"));
    CHECK(world({"retry", "1", "--wait"}).exit_code == 1);
    CHECK_THAT(world({"show", "2"}).out, Contains("retry of      1"));

    world.infrastructure.write(
        "platform/02.redis/deploy.py",
        "import time\nfrom invoke import task\n\n\n@task\ndef sync(c):\n    time.sleep(600)\n");
    world.infrastructure.commit("A slow redis");
    REQUIRE(world({"sync", "redis"}).exit_code == 0);
    CHECK_THAT(world({"cancel", "3"}).out, Contains("cancelled"));
    CHECK(world.daemon.awaitDeployment(3)->getValue<std::string>("status") == "cancelled");
    CHECK_THAT(world({"show", "3"}).out, Contains("Deployment 3: cancelled"));
}

TEST_CASE("a token works without a configuration, as far as its role goes", "[client]") {
    ClientWorld world;
    const auto made = world({"token", "create", "--name", "ci", "--role", "read"});
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
    const std::string token = "IAC_TOKEN=" + made.out.substr(0, made.out.find('\n'));
    CHECK(runCommand({"history", "--json"}, {world.url, token}).out == "{\"deployments\":[]}\n");
    const auto refused = runCommand({"deploy", "staging", "main"}, {world.url, token});
    CHECK(refused.exit_code == 2);
    CHECK(refused.out.empty());
    CHECK(world({"token", "revoke", "ci"}).exit_code == 0);
    CHECK(runCommand({"history"}, {world.url, token}).exit_code == 2);
    CHECK_THAT(world.daemon.log(), !Contains(made.out.substr(0, made.out.find('\n'))));
}

TEST_CASE("a backup is whole while the daemon runs, and is never written over", "[client]") {
    ClientWorld world;
    REQUIRE(world({"sync", "redis", "--wait"}).exit_code == 0);
    const auto copy = (world.folder / "copy.db").string();
    const auto made = world({"backup", copy});
    INFO(made.err);
    CHECK(made.exit_code == 0);
    CHECK_THAT(iac::fixtures::readFile(copy), Catch::StartsWith("SQLite format 3"));
    const auto again = world({"backup", copy});
    CHECK(again.exit_code == 2);
    CHECK_THAT(again.err, Contains(copy));
    world.daemon.kill();
    CHECK(world({"history"}).exit_code == 3);
    CHECK(world({"backup", (world.folder / "later.db").string()}).exit_code == 0);
}

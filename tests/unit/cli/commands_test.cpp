#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <future>

#include "cli/commands.hpp"
#include "unit/cli/command.hpp"

namespace iac::cli {

using http::World;

TEST_CASE("serve gets the configuration file, wherever it is named") {
    CHECK(run({"serve", "--config", "a.yaml"}).out == "serve a.yaml");
    CHECK(run({"--config", "a.yaml", "serve"}).out == "serve a.yaml");
    CHECK(run({"serve"}).code == 7);
}

TEST_CASE("wrong usage is exit code 2, and help is 0") {
    CHECK(run({}).code == kUsage);
    CHECK(run({"dance"}).code == kUsage);
    CHECK(run({"show"}).code == kUsage);
    CHECK(run({"show", "x"}).code == kUsage);
    CHECK(run({"--help"}).code == kDone);
    CHECK(run({"history", "--help"}).code == kDone);
}

TEST_CASE("a bad configuration is exit code 2, with its sentence") {
    World world;
    const auto missing = run({"history", "--config", "/nowhere/iac-runner.yaml"});
    CHECK(missing.code == kUsage);
    CHECK(missing.err.find("/nowhere/iac-runner.yaml") != std::string::npos);
    const auto file = configuration(world, world.port());
    std::ofstream(file, std::ios::app) << "color: red\n";
    const auto unknown = run({"history", "--config", file});
    CHECK(unknown.code == kUsage);
    CHECK(unknown.err.find("color") != std::string::npos);
}

TEST_CASE("a daemon that does not answer is exit code 3") {
    World world;
    const auto file = configuration(world, world.port());
    world.server().stop(Duration(1000));
    const auto ended = run({"history", "--config", file});
    CHECK(ended.code == kUnreachable);
    CHECK(ended.err.find("cannot be reached") != std::string::npos);
}

TEST_CASE("a secret that the daemon does not know is exit code 2, with what it says") {
    World world;
    const auto ended = run({"history", "--config", configuration(world, world.port(), "a guess")});
    CHECK(ended.code == kUsage);
    CHECK(ended.err.find("signature is wrong") != std::string::npos);
}

TEST_CASE(
    "deploy is signed with the secret of the trigger, and its deployment is listed and shown") {
    World world;
    const auto file = configuration(world, world.port());
    const auto deployed =
        run({"deploy", "staging", "v1", "--service", "postgres", "--config", file});
    CHECK(deployed.code == kDone);
    CHECK(deployed.out == "Deployment 1 to staging is accepted: platform/postgres.\n");
    CHECK(deployed.err.empty());

    const auto history = run({"history", "--config", file});
    CHECK(history.code == kDone);
    CHECK(history.out.find("ID  STATUS") == 0);
    CHECK(history.out.find("queued") != std::string::npos);
    CHECK(run({"history", "--status", "failed", "--config", file}).out.empty());
    CHECK(run({"history", "--status", "done", "--config", file}).code == kUsage);
    CHECK(run({"history", "--since", "1h", "--json", "--config", file})
              .out.find("\"deployments\":[{\"id\":1,") != std::string::npos);

    const auto shown = run({"show", "1", "--config", file});
    CHECK(shown.out.find("Deployment 1: queued") == 0);
    const auto missing = run({"show", "2", "--config", file});
    CHECK(missing.code == kUsage);
    CHECK(missing.err == "iac-runner: There is no deployment 2.\n");
}

TEST_CASE("history asks for page after page, up to its limit") {
    World world;
    const auto file = configuration(world, world.port());
    for (int i = 0; i < 3; ++i) {
        Event event;
        event.trigger = "manual";
        event.environment = "staging";
        event.ref = "v" + std::to_string(i);
        world.history().admit(event, Plan{{{"platform/postgres", "a test"}}, {}});
    }
    const auto ended = run({"history", "--limit", "2", "--config", file});
    CHECK(std::count(ended.out.begin(), ended.out.end(), '\n') == 3);
    CHECK(ended.out.find("v0") == std::string::npos);
}

TEST_CASE("who waits for a deployment sees its log, and its outcome is the exit code") {
    World world;
    const auto file = configuration(world, world.port());
    SECTION("it succeeds") {
        auto engine =
            std::async(std::launch::async, [&] { playEngine(world, StepState::changed); });
        const auto ended = run({"deploy", "staging", "v1", "--wait", "--config", file});
        CHECK(ended.code == kDone);
        CHECK(ended.err.find("printed by the step\nsync completed: 1 succeeded, 0 failed\n") !=
              std::string::npos);
        CHECK(ended.out ==
              "Deployment 1 to staging, v1 (aaaaaaaaaa): success\n"
              "  changed    platform/postgres\n");
        CHECK(ended.err.ends_with(run({"log", "1", "--config", file}).out));
    }
    SECTION("it fails, and says what to do") {
        auto engine = std::async(std::launch::async, [&] { playEngine(world, StepState::failed); });
        const auto ended = run({"sync", "--all", "--wait", "--config", file});
        CHECK(ended.code == kFailed);
        CHECK(ended.out.find("failed     platform/postgres: No task \"x\" in tasks.py\n") !=
              std::string::npos);
        CHECK(ended.out.find("Add the task.") != std::string::npos);
    }
}

TEST_CASE("sync wants services or --all, not both and not neither") {
    World world;
    const auto file = configuration(world, world.port());
    CHECK(run({"sync", "--config", file}).code == kUsage);
    CHECK(run({"sync", "postgres", "--all", "--config", file}).code == kUsage);
    CHECK(run({"sync", "postgres", "redis", "--config", file}).code == kDone);
    const auto unknown = run({"sync", "mysql", "--config", file});
    CHECK(unknown.code == kUsage);
    CHECK(unknown.err.find("platform/postgres") != std::string::npos);
}

TEST_CASE("IAC_URL says where the daemon is, whatever the configuration says") {
    World world;
    const auto file = configuration(world, 1);
    ::setenv("IAC_URL", ("http://127.0.0.1:" + std::to_string(world.port())).c_str(), 1);
    CHECK(run({"history", "--config", file}).code == kDone);
    ::setenv("IAC_URL", "ftp://x", 1);
    CHECK(run({"history", "--config", file}).code == kUsage);
    ::unsetenv("IAC_URL");
    CHECK(run({"history", "--config", file}).code == kUnreachable);
}

}  // namespace iac::cli

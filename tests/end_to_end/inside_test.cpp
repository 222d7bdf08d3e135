// Triggers and mappers run inside the daemon: what one that hangs can do to it.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <future>

#include "end_to_end/world.hpp"

using namespace iac::tests;
using Catch::Contains;
using SteadyClock = std::chrono::steady_clock;

namespace {

/// An infrastructure whose runner has a trigger and a mapper of the tests beside its own.
struct InsideWorld {
    ChangedRedis changed;

    InsideWorld() {
        const auto folder = changed.folder.path() / "plugins";
        std::filesystem::create_directory(folder);
        std::filesystem::copy_file(std::filesystem::path(IAC_BUILD_DIR) / "tests/plugins/inside.so",
                                   folder / "inside.so");
        std::filesystem::permissions(folder / "inside.so", std::filesystem::perms::owner_all);
    }
    std::string text(const std::string& use) const {
        std::string text = replaced(changed.text("plugins: [ ./plugins ]\n"), "triggers:\n",
                                    "triggers:\n  echo: { plugin: test.echo" + use +
                                        " }\n  crowd: { plugin: test.crowd" + use + " }\n");
        return replaced(text, "mappers:\n", "mappers:\n  - { plugin: test.by-first" + use + " }\n");
    }
    const std::filesystem::path& folder() const { return changed.folder.path(); }
};

std::vector<std::string> crashesAsWithoutSanitizer() {
    std::vector<std::string> variables;
    for (const std::string name : {"ASAN_OPTIONS", "TSAN_OPTIONS"}) {
        const char* options = std::getenv(name.c_str());
        variables.push_back(name + "=" + (options != nullptr ? options + std::string(":") : "") +
                            "handle_segv=0:handle_abort=0:handle_sigbus=0");
    }
    return variables;
}

}  // namespace

TEST_CASE("a request whose trigger hangs is answered, and the trigger is named", "[inside]") {
    InsideWorld world;
    Daemon daemon(world.folder(), world.text(", timeout: 200ms"));

    const Reply hung = daemon.request("POST", "/echo", "hang");
    CHECK(hung.status == 503);
    CHECK_THAT(hung.at("detail"), Contains("The plugin test.echo does not answer"));
    CHECK(hung.headers.count("Retry-After") == 1);
    CHECK(daemon.awaitLog("a call does not return, and is given up: plugin=test.echo ("));
    CHECK(daemon.request("POST", "/echo", "event").status == 503);

    const Reply health = daemon.request("GET", "/health");
    CHECK(health.status == 503);
    CHECK_THAT(health.body, Contains(R"("plugins":false)"));
    CHECK_THAT(health.body,
               Contains(R"("stuck_plugins":[{"plugin":"test.echo","call":"receive","times":1}])"));
    // The others go on.
    CHECK(daemon.signedPost("/sync", R"({"services":["redis"]})").status == 200);

    CHECK(daemon.request("POST", "/crowd", "release").status == 200);
    CHECK(daemon.awaitLog("a call that was given up has returned: plugin=test.echo"));
    CHECK(daemon.request("GET", "/health").status == 200);
    CHECK(daemon.request("POST", "/echo", "fail").status == 500);
    CHECK(daemon.stop() == iac::Exit{0});
}

TEST_CASE("a push whose mapper hangs is not accepted", "[inside]") {
    InsideWorld world;
    Daemon daemon(world.folder(), world.text(", timeout: 200ms"));
    const Reply push = daemon.push(world.changed.before, world.changed.after, {"hang"});
    CHECK(push.status == 503);
    CHECK_THAT(push.at("detail"), Contains("test.by-first"));
    CHECK_THAT(daemon.request("GET", "/health").body, Contains("test.by-first"));
    CHECK(daemon.get("/deployments").json()->getArray("deployments")->size() == 0);
    CHECK(daemon.stop() == iac::Exit{0});
}

TEST_CASE("a stop does not wait for the time limit of a trigger that hangs", "[inside]") {
    InsideWorld world;
    Daemon daemon(world.folder(), world.text(", timeout: 10m"));
    auto hung = std::async(std::launch::async,
                           [&] { return daemon.request("POST", "/echo", "hang").status; });
    REQUIRE(daemon.awaitLog("test.echo: hangs now"));
    const auto begin = SteadyClock::now();
    CHECK(daemon.stop() == iac::Exit{0});
    CHECK(SteadyClock::now() - begin < std::chrono::minutes(1));
    CHECK(hung.get() == 503);
}

TEST_CASE("a deployment whose mapper hangs when the runner stops is queued again", "[inside]") {
    InsideWorld world;
    world.changed.infrastructure.write("hang", "1");
    const auto after = world.changed.infrastructure.commit("A path that the mapper hangs with");
    std::int64_t id = 0;
    {
        Daemon daemon(world.folder(), world.text(", timeout: 10m"));
        id = idOf(daemon.push(world.changed.before, after, {ChangedRedis::kFile}));
        REQUIRE(daemon.awaitLog("test.by-first: hangs now"));
        CHECK(daemon.stop() == iac::Exit{0});
        CHECK_THAT(daemon.log(), Contains("did not return from map(): the runner stops"));
        CHECK_THAT(daemon.log(), Contains("was stopped, and is queued"));
    }
    // A mapper that fails is no reason to forget the push either.
    Daemon daemon(world.folder(), world.changed.text());
    CHECK(daemon.awaitDeployment(id)->getValue<std::string>("status") == "success");
}

TEST_CASE("a trigger or a mapper that crashes is named before the runner ends", "[inside]") {
    InsideWorld world;
    const auto diesBy = [&](const std::string& how, const std::string& signal,
                            const std::string& call, const auto& ask) {
        CAPTURE(how);
        // A crash has to end the runner as it does without a sanitizer.
        Daemon daemon(world.folder(), world.text(""), crashesAsWithoutSanitizer());
        CHECK_THROWS(ask(daemon));
        const auto end = daemon.awaitEnd();
        CHECK(daemon.awaitLog("error plugin: the runner crashed: signal=" + signal +
                              " plugin=" + call));
        return -end.code;
    };
    const auto echo = [&](const std::string& how, const std::string& signal) {
        return diesBy(
            how, signal,
            "test.echo (" + (world.folder() / "plugins/inside.so").string() + ") call=receive\n",
            [&](Daemon& daemon) { daemon.request("POST", "/echo", "crash " + how); });
    };
    CHECK(echo("segfault", "SIGSEGV") == SIGSEGV);
    CHECK(echo("raise", "SIGSEGV") == SIGSEGV);
    CHECK(echo("terminate", "SIGABRT") == SIGABRT);
    CHECK(echo("overflow", "SIGSEGV") == SIGSEGV);
    CHECK(diesBy("mapper", "SIGABRT", "test.by-first (", [&](Daemon& daemon) {
              daemon.push(world.changed.before, world.changed.after, {"crash terminate"});
          }) == SIGABRT);
}

TEST_CASE("with a process of its own a crash fails one request, and the runner goes on",
          "[inside]") {
    InsideWorld world;
    Daemon daemon(world.folder(), world.text(", isolation: process"));
    CHECK(daemon.request("POST", "/echo", "crash raise").status == 500);
    CHECK(daemon.awaitLog("test.echo crashed: Segmentation fault"));
    const Reply push =
        daemon.push(world.changed.before, world.changed.after, {"crash raise"}, "the-delivery");
    CHECK(push.status == 500);
    CHECK(daemon.get("/deployments").json()->getArray("deployments")->size() == 0);
    CHECK(daemon.awaitLog("services at"));  // the repository is there
    const Reply health = daemon.request("GET", "/health");
    INFO(health.body);
    CHECK(health.status == 200);
    // The sender sends again.
    const auto id = idOf(daemon.push(world.changed.before, world.changed.after,
                                     {ChangedRedis::kFile}, "the-delivery"));
    CHECK(daemon.awaitDeployment(id)->getValue<std::string>("status") == "success");
    CHECK(daemon.stop() == iac::Exit{0});
}

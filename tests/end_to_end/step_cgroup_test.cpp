// Steps in cgroups of their own, and what is said where there are none.
#include <signal.h>

#include <catch2/catch.hpp>

#include "end_to_end/world.hpp"
#include "fixtures/cgroup.hpp"

using namespace iac::tests;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

struct CgroupWorld {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};

    std::string text(const fs::path& cgroup, const std::string& limits = "{}") const {
        return replaced(replaced(configuration(infrastructure.folder()), "triggers:\n",
                                 "  - id: edge/pages\n    executor: command\n    with: { shell: "
                                 "\"grep ^0:: /proc/self/cgroup; setsid sh -c 'trap : TERM HUP; "
                                 "while :; do sleep 1; done' >/dev/null 2>&1 & echo left=$!\" }\n"
                                 "triggers:\n"),
                        "executors:\n", "executors:\n  command: { plugin: iac.command }\n") +
               "engine: { cgroup: \"" + cgroup.string() + "\", step_limits: " + limits + " }\n";
    }
    /// The log of the deployment of that service.
    std::string deploy(Daemon& daemon) const {
        const auto id = idOf(daemon.signedPost(
            "/deploy", R"({"env":"staging","ref":"main","services":["edge/pages"]})"));
        CHECK(daemon.awaitDeployment(id)->getValue<std::string>("status") == "success");
        return daemon.get("/deployments/" + std::to_string(id) + "/log").body;
    }
};

bool isAlive(const std::string& log) {
    const auto at = log.find("left=");
    REQUIRE(at != std::string::npos);
    return ::kill(std::stoi(log.substr(at + 5)), 0) == 0;
}

}  // namespace

TEST_CASE("each step has a cgroup of its own, and nothing of it is left", "[step_cgroup]") {
    const iac::fixtures::CgroupFolder parent;
    if (!parent) return;
    CgroupWorld world;
    Daemon daemon(world.folder.path(), world.text(parent.path()));
    CHECK(daemon.get("/health").at("cgroup") == "used: " + parent.path().string());
    CHECK_THAT(daemon.log(), Contains("cgroup: used: " + parent.path().string()));
    for (int i = 1; i <= 2; ++i) {
        const std::string log = world.deploy(daemon);
        INFO(log);
        CHECK_THAT(log, Contains("/iac-step-" + std::to_string(daemon.pid()) + "-" +
                                 std::to_string(i) + "\n"));
        CHECK_FALSE(isAlive(log));
        CHECK(parent.steps() == 0);
    }
    CHECK(daemon.stop() == iac::Exit{0});
}

TEST_CASE("without cgroups a step ends as well, and it is said why there are none",
          "[step_cgroup]") {
    CgroupWorld world;
    const fs::path none = world.folder.path() / "none";
    const std::string why = "not used: " + none.string() + " is not a cgroup of version 2";
    const std::string text = world.text(none, "{ memory: 1GiB, pids: 100, cpu: 50% }");
    {
        Daemon daemon(world.folder.path(), text);
        CHECK(daemon.get("/health").at("cgroup") == why);
        CHECK_THAT(daemon.log(), Contains("cgroup: " + why));
        CHECK_THAT(daemon.log(), Contains("executors.command: limits that are not enforced: "
                                          "memory, pids, cpu: cgroups are not used: "));
        CHECK_FALSE(isAlive(world.deploy(daemon)));
        CHECK_FALSE(daemon.reload(world.text(world.folder.path() / "other")));
        CHECK_THAT(daemon.log(), Contains("engine.cgroup cannot change while the runner runs"));
        CHECK(daemon.stop() == iac::Exit{0});
    }
    const auto check =
        runCommand({"config", "check", (world.folder.path() / "iac-runner.yaml").string()});
    CHECK(check.exit_code == 0);
    CHECK_THAT(check.out,
               Contains("configuration OK\ncgroup of a runner started here: not used: "));

    const fs::path file = world.folder.path() / "limited.yaml";
    std::ofstream(file) << text;
    const auto limited = runCommand({"config", "check", file.string()});
    CHECK(limited.out.ends_with("here: " + why + "\n"));
    CHECK_THAT(limited.err, Contains("limits that are not enforced: memory, pids, cpu"));
}

// An executor in any language: programs of the repository, run by iac.command.
#include <catch2/catch.hpp>

#include "end_to_end/world.hpp"

using namespace iac::tests;
using Catch::Contains;

namespace {

constexpr const char* kPython = R"(#!/usr/bin/env python3
import json, os, sys
step = json.load(sys.stdin)
assert step["revision"] == os.environ["IAC_DEPLOY_REF"]
print(step["name"], "to", os.environ["DEPLOY_ENV"], "with", step["settings"]["replicas"])
with open(os.environ["IAC_OUTPUT"], "w") as out:
    print("outcome=unchanged", "summary=3 replicas run already", sep="\n", file=out)
)";

// The first attempt meets a lock; the second does not.
constexpr const char* kShell = R"(#!/bin/sh
if mkdir "$1" 2> /dev/null; then
    echo "the lock of $IAC_SERVICE is held" >&2
    exit 75
fi
echo "deployed $IAC_SERVICE"
)";

struct CommandWorld {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    std::unique_ptr<Daemon> daemon;

    CommandWorld() {
        program("edge/pages/deploy.py", kPython);
        program("edge/proxy/deploy.sh", kShell);
        infrastructure.commit("Programs");
        daemon = std::make_unique<Daemon>(folder.path(), text());
    }
    void program(const std::string& file, const std::string& content) {
        infrastructure.write(file, content);
        std::filesystem::permissions(infrastructure.folder() / file,
                                     std::filesystem::perms::owner_all);
    }
    std::string text() const {
        return replaced(replaced(configuration(infrastructure.folder()), "triggers:\n",
                                 R"(  - id: edge/pages
    executor: command
    with: { command: [./deploy.py], directory: edge/pages, settings: { replicas: 3 } }
  - id: edge/proxy
    executor: command
    with: { command: [edge/proxy/deploy.sh, )" +
                                     (folder.path() / "lock").string() + R"(] }
  - id: edge/broken
    executor: command
    with: { shell: "echo 'no such bucket' >&2; exit 7" }
triggers:
)"),
                        "executors:\n",
                        "executors:\n  command: { plugin: iac.command, retries: 1 }\n");
    }
    Poco::JSON::Object::Ptr step(const std::string& service, int status) {
        const Reply reply = daemon->signedPost("/sync", R"({"services":[")" + service + R"("]})");
        INFO(daemon->log());
        REQUIRE(reply.status == status);
        log = daemon->get(reply.at("status_url") + "/log").body;
        return daemon->get(reply.at("status_url")).json()->getArray("steps")->getObject(0);
    }
    std::string log;
};

}  // namespace

TEST_CASE("programs in Python and in shell deploy services through the daemon", "[command]") {
    CommandWorld world;
    const auto pages = world.step("edge/pages", 200);
    CHECK(pages->getValue<std::string>("status") == "unchanged");
    CHECK(pages->getValue<std::string>("summary") == "3 replicas run already");
    CHECK_THAT(world.log, Contains("pages to staging with 3\n"));

    const auto proxy = world.step("proxy", 200);
    CHECK(proxy->getValue<std::string>("status") == "changed");
    CHECK(proxy->getArray("attempts")->size() == 2);
    CHECK(proxy->getArray("attempts")->getObject(0)->getValue<int>("exit_code") == 75);
    CHECK_THAT(world.log, Contains("deployed edge/proxy\n"));

    const auto broken = world.step("broken", 500);
    CHECK(broken->getValue<std::string>("status") == "failed");
    CHECK(broken->getValue<std::string>("summary") ==
          "the shell command ended with exit code 7: no such bucket");
    CHECK(broken->getArray("attempts")->size() == 1);
}

TEST_CASE("a dry run of a program says what it would run", "[command]") {
    CommandWorld world;
    const Reply reply = world.daemon->signedPost(
        "/deploy", R"({"env":"staging","ref":"main","services":["broken"],"dry_run":true})");
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    const auto step =
        world.daemon->get(reply.at("status_url")).json()->getArray("steps")->getObject(0);
    CHECK(step->getValue<std::string>("status") == "unchanged");
    CHECK_THAT(step->getValue<std::string>("summary"), Contains("would run"));
}

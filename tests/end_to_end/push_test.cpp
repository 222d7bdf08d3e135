// The first use: a push deploys what it touched, and nothing else.
#include <catch2/catch.hpp>

#include "end_to_end/world.hpp"

using namespace iac::tests;

namespace {

std::string stepsOf(const Poco::JSON::Object::Ptr& deployment) {
    std::string text;
    const auto steps = deployment->getArray("steps");
    for (std::size_t i = 0; i < steps->size(); ++i) {
        const auto step = steps->getObject(static_cast<unsigned>(i));
        text += (text.empty() ? "" : ", ") + step->getValue<std::string>("service") + " " +
                step->getValue<std::string>("status");
    }
    return text;
}

struct PushWorld {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    std::string first = infrastructure.git({"rev-parse", "HEAD"});
    Daemon daemon;

    explicit PushWorld(const std::string& more = "")
        : daemon(folder.path(), configuration(infrastructure.folder(), more)) {}

    std::string change(const std::string& file, const std::string& text) {
        infrastructure.write(file, text);
        return infrastructure.commit("Change " + file);
    }
};

}  // namespace

TEST_CASE("a push deploys the service it touched, at exactly that commit, and no other", "[push]") {
    PushWorld world;
    const std::string sha = world.change("platform/02.redis/compose.yaml", "services: {}\n");
    const Reply reply = world.daemon.push(world.first, sha, {"platform/02.redis/compose.yaml"});
    INFO(reply.body);
    REQUIRE(reply.status == 202);
    CHECK(reply.at("status") == "accepted");
    CHECK(reply.at("services") == R"(["platform/redis"])");
    CHECK(reply.at("revision") == sha);
    CHECK(reply.at("environment") == "staging");

    const auto id = idOf(reply);
    const auto deployment = world.daemon.awaitDeployment(id);
    CHECK(deployment->getValue<std::string>("status") == "success");
    CHECK(stepsOf(deployment) == "platform/redis changed");
    CHECK(deployment->getValue<std::string>("triggered_by") == "octo");
    const Reply log = world.daemon.get("/deployments/" + std::to_string(id) + "/log");
    CHECK_THAT(log.body, Catch::Contains("redis: " + sha + " to staging"));
    CHECK(world.daemon.awaitLog("sync completed: 1 succeeded, 0 failed"));
}

TEST_CASE("a push to a shared folder deploys every service, in the order of their numbers",
          "[push]") {
    PushWorld world;
    const std::string sha = world.change("libs/more.py", "more = True\n");
    const Reply reply = world.daemon.push(world.first, sha, {"libs/more.py"});
    REQUIRE(reply.status == 202);
    const auto deployment = world.daemon.awaitDeployment(idOf(reply));
    CHECK(stepsOf(deployment) ==
          "platform/postgres changed, platform/redis changed, platform/minio changed");
}

TEST_CASE("a push that touches no service deploys nothing and says why", "[push]") {
    PushWorld world;
    // What the newest revision holds must be known before anything can be said not to be touched.
    REQUIRE(world.daemon.awaitLog("services at"));
    const std::string sha = world.change("bootstrap/05.vault/compose.yaml", "services: {}\n");
    const Reply reply = world.daemon.push(world.first, sha, {"bootstrap/05.vault/compose.yaml"});
    INFO(reply.body);
    CHECK(reply.status == 200);
    CHECK(reply.at("status") == "no_changes");
    CHECK(reply.at("skipped_services") ==
          R"([{"reason":"deployed by hand","service":"bootstrap/vault"}])");
    CHECK(world.daemon.get("/deployments").at("deployments") == "[]");
}

TEST_CASE("with on_failure: stop the steps after a failed one are skipped because of it", "[push]") {
    PushWorld world("engine: { on_failure: stop }\n");
    const std::string sha =
        world.change("platform/01.postgres/deploy.py",
                     "from invoke import task, Exit\n\n\n@task\ndef sync(c):\n"
                     "    print('before the end')\n    raise Exit('postgres said no', code=7)\n");
    const Reply reply =
        world.daemon.push(world.first, sha, {"platform/01.postgres/deploy.py", "libs/common.py"});
    const auto deployment = world.daemon.awaitDeployment(idOf(reply));
    CHECK(deployment->getValue<std::string>("status") == "failed");
    CHECK(stepsOf(deployment) ==
          "platform/postgres failed, platform/redis skipped, platform/minio skipped");
    const auto steps = deployment->getArray("steps");
    CHECK_THAT(steps->getObject(0)->getValue<std::string>("summary"),
               Catch::Contains("exit code 7") && Catch::Contains("postgres said no"));
    CHECK_THAT(steps->getObject(1)->getValue<std::string>("summary"),
               Catch::Contains("platform/postgres"));
    CHECK(world.daemon.awaitLog("sync completed: 0 succeeded, 1 failed"));

    SECTION("and the next push deploys again what did not end well") {
        const std::string mended =
            world.change("platform/01.postgres/deploy.py",
                         "from invoke import task\n\n\n@task\ndef sync(c):\n    print('well')\n");
        const Reply next = world.daemon.push(sha, mended, {"platform/01.postgres/deploy.py"});
        const auto second = world.daemon.awaitDeployment(idOf(next));
        CHECK(stepsOf(second) ==
              "platform/postgres changed, platform/redis changed, platform/minio changed");
    }
}

TEST_CASE("a failed step skips no service that does not depend on it", "[push]") {
    PushWorld world;
    const std::string sha =
        world.change("platform/01.postgres/deploy.py",
                     "from invoke import task\n\n\n@task\ndef sync(c):\n    c.run('exit 3')\n");
    const Reply reply =
        world.daemon.push(world.first, sha, {"platform/01.postgres/deploy.py", "libs/common.py"});
    const auto deployment = world.daemon.awaitDeployment(idOf(reply));
    CHECK(deployment->getValue<std::string>("status") == "failed");
    CHECK(stepsOf(deployment) ==
          "platform/postgres failed, platform/redis changed, platform/minio changed");
}

TEST_CASE("a task that does not exist is named, with the revision", "[push]") {
    PushWorld world;
    const std::string sha =
        world.change("platform/01.postgres/deploy.py",
                     "from invoke import task\n\n\n@task\ndef up(c):\n    pass\n");
    const Reply reply = world.daemon.push(world.first, sha, {"platform/01.postgres/deploy.py"});
    const auto deployment = world.daemon.awaitDeployment(idOf(reply));
    const auto step = deployment->getArray("steps")->getObject(0);
    CHECK(step->getValue<std::string>("summary") ==
          "No task \"postgres.sync\" in tasks.py at " + sha);
    CHECK(step->getValue<std::string>("error_kind") == "missing_task");
}

TEST_CASE("the documented push without a revision deploys the head of the branch", "[push]") {
    PushWorld world;
    const std::string sha = world.change("platform/01.postgres/compose.yaml", "services: {}\n");
    const Reply reply = world.daemon.signedPost(
        "/webhook",
        R"({"ref":"refs/heads/main","commits":[{"modified":["platform/01.postgres/compose.yaml"]}]})");
    REQUIRE(reply.status == 202);
    const auto deployment = world.daemon.awaitDeployment(idOf(reply));
    CHECK(deployment->getValue<std::string>("revision") == sha);
    CHECK(stepsOf(deployment) == "platform/postgres changed");
}

TEST_CASE("the same documented push, sent again after a new commit, is a new one", "[push]") {
    PushWorld world;
    const std::string body =
        R"({"ref":"refs/heads/main","commits":[{"modified":["platform/01.postgres/compose.yaml"]}]})";
    world.change("platform/01.postgres/compose.yaml", "one\n");
    const Reply one = world.daemon.signedPost("/webhook", body);
    world.daemon.awaitDeployment(idOf(one));
    const std::string sha = world.change("platform/01.postgres/compose.yaml", "two\n");
    const Reply two = world.daemon.signedPost("/webhook", body);
    REQUIRE(two.status == 202);
    const auto deployment = world.daemon.awaitDeployment(idOf(two));
    CHECK(deployment->getValue<std::string>("revision") == sha);
    CHECK(stepsOf(deployment) == "platform/postgres changed");
}

TEST_CASE("a deployment that failed before its steps is not forgotten by the next push", "[push]") {
    PushWorld world;
    // The first fetch is over: what comes now has to be fetched by the deployment itself.
    REQUIRE(world.daemon.awaitLog("services at"));
    const std::string sha = world.change("platform/01.postgres/compose.yaml", "one\n");
    std::filesystem::rename(world.infrastructure.folder() / ".git", world.folder.path() / "away");
    const Reply lost = world.daemon.push(world.first, sha, {"platform/01.postgres/compose.yaml"});
    const auto failed = world.daemon.awaitDeployment(idOf(lost));
    CHECK(failed->getValue<std::string>("status") == "failed");
    std::filesystem::rename(world.folder.path() / "away", world.infrastructure.folder() / ".git");
    const std::string next = world.change("README.md", "words\n");
    const Reply reply = world.daemon.push(sha, next, {"README.md"});
    REQUIRE(reply.status == 202);
    const auto deployment = world.daemon.awaitDeployment(idOf(reply));
    CHECK(stepsOf(deployment) == "platform/postgres changed");
}

TEST_CASE("a push that a payload tells half of is measured by git", "[push]") {
    PushWorld world;
    const std::string sha = world.change("platform/02.redis/compose.yaml", "services: {}\n");
    // The first deployment of each target makes a base to measure from.
    const Reply first = world.daemon.push(world.first, sha, {"libs/common.py"});
    world.daemon.awaitDeployment(idOf(first));
    world.change("platform/01.postgres/compose.yaml", "services: {}\n");  // its push never arrives
    const std::string last = world.change("platform/10.minio/compose.yaml", "services: {}\n");
    const Reply reply = world.daemon.push(sha, last, {"platform/10.minio/compose.yaml"});
    const auto deployment = world.daemon.awaitDeployment(idOf(reply));
    CHECK(stepsOf(deployment) == "platform/postgres changed, platform/minio changed");
}

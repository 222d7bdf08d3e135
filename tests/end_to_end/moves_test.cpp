// What people and the clock do to deployments of the real daemon: cancel, hold, roll back, catch
// up.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "end_to_end/gated_world.hpp"

using namespace iac::tests;

namespace {

struct MovesWorld {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};

    std::string text(const std::string& more = "") const {
        return configuration(infrastructure.folder(), more);
    }
    /// A new commit of the services' files; its SHA.
    std::string change(const std::vector<std::string>& services, const std::string& content) {
        for (const auto& service : services)
            infrastructure.write("platform/" + service + "/compose.yaml", content + "\n");
        return infrastructure.commit(content);
    }
    /// The task of a service does this instead; {folder} is the world's.
    void replaceTask(const std::string& service, std::string lines) {
        const std::string here = folder.path().string();
        for (auto at = lines.find("{folder}"); at != std::string::npos; at = lines.find("{folder}"))
            lines.replace(at, 8, here);
        infrastructure.write("platform/" + service + "/deploy.py",
                             "from invoke import task\n\n\n@task\ndef sync(c):\n" + lines);
        infrastructure.commit("Another task for " + service);
    }
    void makePipe(const std::string& name) const {
        REQUIRE(::mkfifo((folder / name).c_str(), 0600) == 0);
    }
};

std::string statusOf(const Poco::JSON::Object::Ptr& deployment) {
    return deployment->getValue<std::string>("status");
}

}  // namespace

TEST_CASE("a running deployment that is cancelled ends soon, and its processes with it",
          "[moves]") {
    MovesWorld world;
    world.makePipe("started");
    world.replaceTask("01.postgres", "    c.run('echo go > {folder}/started; exec sleep 1000')\n");
    Daemon daemon(world.folder.path(), world.text());
    const auto id = idOf(daemon.signedPost("/sync", R"({"all":true,"wait":false})"));
    std::string word;
    std::ifstream(world.folder / "started") >> word;
    const auto path = "/deployments/" + std::to_string(id) + "/cancel";
    const Reply reply = daemon.post(path, R"({"by":"ada"})");
    CHECK(reply.status == 202);
    CHECK(reply.at("status") == "cancelling");
    const auto ended = daemon.awaitDeployment(id);
    CHECK(statusOf(ended) == "cancelled");
    CHECK(ended->getValue<std::string>("summary") == "cancelled by ada");
    for (unsigned i = 0; i < 3; ++i)
        CHECK(statusOf(ended->getArray("steps")->getObject(i)) == "cancelled");
    CHECK(daemon.post(path, "{}").status == 409);
    // The lane is free again.
    CHECK(daemon.signedPost("/sync", R"({"services":["redis"]})").at("status") == "success");
}

TEST_CASE("steps that do not depend on each other run side by side when they may", "[moves]") {
    MovesWorld world;
    world.makePipe("there");
    world.makePipe("back");
    // Each waits for the other: one after another they would wait for ever.
    world.replaceTask("01.postgres",
                      "    c.run('echo hello > {folder}/there; read word < {folder}/back')\n");
    world.replaceTask("02.redis",
                      "    c.run('read word < {folder}/there; echo hello > {folder}/back')\n");
    Daemon daemon(world.folder.path(),
                  world.text("engine: { parallel: 2, steps_at_once: 2, deadline: 60s }\n"));
    const Reply reply =
        daemon.signedPost("/sync", R"({"services":["postgres","redis"],"wait":60})");
    INFO(reply.body);
    CHECK(reply.at("status") == "success");
}

TEST_CASE("what is held is not deployed, and the release deploys the newest of it", "[moves]") {
    MovesWorld world;
    Daemon daemon(world.folder.path(), world.text());
    CHECK(daemon.signedPost("/sync", R"({"all":true})").at("status") == "success");
    const Reply hold = daemon.signedPost(
        "/holds", R"({"env":"staging","service":"redis","reason":"a migration","by":"ada"})");
    REQUIRE(hold.status == 201);
    // Asked by name: refused. By a push: everything else is deployed.
    const Reply refused = daemon.signedPost("/sync", R"({"services":["redis"]})");
    CHECK(refused.status == 409);
    CHECK_THAT(refused.at("detail"), Catch::Contains("held by ada: a migration"));
    const auto before = world.infrastructure.git({"rev-parse", "HEAD"});
    world.change({"02.redis"}, "second");
    const auto third = world.change({"02.redis", "10.minio"}, "third");
    const auto pushed = daemon.awaitDeployment(
        idOf(daemon.push(before, third, {"platform/02.redis/compose.yaml"})));
    CHECK(statusOf(pushed) == "success");
    REQUIRE(pushed->getArray("steps")->size() == 1);
    const auto skipped = pushed->getObject("plan")->getArray("skipped");
    CHECK(skipped->getObject(0)->getValue<std::string>("service") == "platform/redis");
    CHECK(skipped->getObject(0)->getValue<bool>("held"));
    const Reply released = daemon.request("DELETE", "/holds/" + hold.at("id"), "",
                                          daemon.stamped("DELETE", "/holds/" + hold.at("id")));
    CHECK(released.status == 200);
    const auto caughtUp = daemon.awaitDeployment(idOf(released));
    CHECK(statusOf(caughtUp) == "success");
    CHECK(caughtUp->getValue<std::string>("revision") == third);
    REQUIRE(caughtUp->getArray("steps")->size() == 1);
    CHECK(caughtUp->getArray("steps")->getObject(0)->getValue<std::string>("service") ==
          "platform/redis");
}

TEST_CASE("a request is no success while a hold keeps one of its services from being deployed",
          "[moves]") {
    GatedWorld world;
    Daemon daemon(world.folder.path(), world.text());
    idOf(daemon.signedPost("/sync", R"({"services":["postgres"],"wait":false})"));
    world.awaitTask();
    const auto id =
        idOf(daemon.signedPost("/sync", R"({"services":["redis","minio"],"wait":false})"));
    const Reply hold = daemon.signedPost(
        "/holds", R"({"env":"staging","service":"redis","reason":"a migration","by":"ada"})");
    REQUIRE(hold.status == 201);
    world.openGate();
    const auto ended = daemon.awaitDeployment(id);
    CHECK(statusOf(ended) == "failed");
    CHECK(ended->getValue<std::string>("error_kind") == "held");
    CHECK_THAT(ended->getValue<std::string>("summary"), Catch::Contains("platform/redis") &&
                                                            Catch::Contains("a migration") &&
                                                            !Catch::Contains("minio"));
    REQUIRE(ended->getArray("steps")->size() == 1);
    const auto release = "/holds/" + hold.at("id");
    CHECK(daemon.request("DELETE", release, "", daemon.stamped("DELETE", release)).status == 200);
    // The retry deploys what is missing, and nothing else.
    const auto retried = daemon.awaitDeployment(
        idOf(daemon.post("/deployments/" + std::to_string(id) + "/retry", "{}")));
    CHECK(statusOf(retried) == "success");
    REQUIRE(retried->getArray("steps")->size() == 1);
    CHECK(retried->getArray("steps")->getObject(0)->getValue<std::string>("service") ==
          "platform/redis");
}

TEST_CASE("a rollback deploys what was good before, and a push does not undo it", "[moves]") {
    MovesWorld world;
    const auto good = world.infrastructure.git({"rev-parse", "HEAD"});
    Daemon daemon(world.folder.path(), world.text());
    CHECK(daemon.signedPost("/sync", R"({"all":true})").at("status") == "success");
    const auto bad = world.change({"02.redis"}, "bad");
    const auto badId = idOf(daemon.push(good, bad, {"platform/02.redis/compose.yaml"}));
    CHECK(statusOf(daemon.awaitDeployment(badId)) == "success");
    const auto backId =
        idOf(daemon.signedPost("/rollback", R"({"env":"staging","reason":"it eats data"})"));
    const auto back = daemon.awaitDeployment(backId);
    CHECK(statusOf(back) == "success");
    CHECK(back->getValue<std::string>("revision") == good);
    CHECK(back->getValue<std::int64_t>("rollback_of") == badId);
    REQUIRE(back->getArray("steps")->size() == 1);
    // Somebody pushes something else: the bad one stays away.
    const auto next = world.change({"10.minio"}, "next");
    const auto after =
        daemon.awaitDeployment(idOf(daemon.push(bad, next, {"platform/10.minio/compose.yaml"})));
    REQUIRE(after->getArray("steps")->size() == 1);
    CHECK(after->getArray("steps")->getObject(0)->getValue<std::string>("service") ==
          "platform/minio");
}

TEST_CASE("a gate lets through what has succeeded where it asks for", "[moves]") {
    MovesWorld world;
    world.infrastructure.git({"tag", "v1.0.0"});
    auto text = world.text();
    const std::string open = "production: { variables: { DEPLOY_ENV: production } }";
    text.replace(text.find(open), open.size(),
                 "production: { require: { succeeded_in: staging, tag: \"v*.*.0\" }, variables: { "
                 "DEPLOY_ENV: production } }");
    Daemon daemon(world.folder.path(), text);
    const std::string body = R"({"env":"production","tag":"v1.0.0"})";
    const Reply refused = daemon.signedPost("/deploy", body);
    CHECK(refused.status == 409);
    CHECK_THAT(refused.at("detail"), Catch::Contains("only what has succeeded in staging"));
    CHECK(daemon.signedPost("/deploy", R"({"env":"staging","tag":"v1.0.0"})").status == 200);
    CHECK(daemon.signedPost("/deploy", body).at("status") == "success");
    CHECK(daemon.signedPost("/deploy", R"({"env":"production","ref":"main"})").status == 409);
}

TEST_CASE("a push that nobody heard of is caught up at the start", "[moves]") {
    MovesWorld world;
    const std::string more = "reconcile: { interval: 1h }\n";
    {
        Daemon daemon(world.folder.path(), world.text(more));
        CHECK(daemon.signedPost("/sync", R"({"all":true})").at("status") == "success");
        daemon.stop();
    }
    const auto missed = world.change({"02.redis"}, "missed");
    Daemon daemon(world.folder.path(), world.text(more));
    REQUIRE(daemon.awaitLog("deployment 2 catches up"));
    const auto caughtUp = daemon.awaitDeployment(2);
    CHECK(statusOf(caughtUp) == "success");
    CHECK(caughtUp->getValue<std::string>("revision") == missed);
    CHECK(caughtUp->getValue<std::string>("trigger") == "reconcile");
    CHECK(caughtUp->getArray("steps")->size() == 1);
}

TEST_CASE("a plan says what would be deployed and why, and deploys nothing", "[moves]") {
    MovesWorld world;
    Daemon daemon(world.folder.path(), world.text());
    CHECK(daemon.signedPost("/sync", R"({"all":true})").at("status") == "success");
    const auto base = world.infrastructure.git({"rev-parse", "HEAD"});
    const auto head = world.change({"02.redis"}, "second");
    const auto planned = [&](const std::string& body) {
        const Reply reply = daemon.signedPost("/plan", body);
        INFO(reply.body);
        REQUIRE(reply.status == 200);
        std::string services;
        const auto json = reply.json();
        for (const auto& one : *json->getObject("plan")->getArray("services"))
            services +=
                one.extract<Poco::JSON::Object::Ptr>()->getValue<std::string>("service") + " ";
        return services;
    };
    CHECK(planned(R"({"env":"staging","ref":"main"})") == "platform/redis ");
    CHECK(planned(R"({"base":")" + base + R"(","head":")" + head + R"("})") == "platform/redis ");
    CHECK(planned(R"({"files":["platform/10.minio/x","README.md"]})") == "platform/minio ");
    CHECK(daemon.get("/deployments").json()->getArray("deployments")->size() == 1);
}

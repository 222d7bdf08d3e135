// A deployment that was asked for: POST /deploy and POST /sync.
#include <catch2/catch.hpp>

#include "end_to_end/world.hpp"

using namespace iac::tests;

namespace {

struct DeployWorld {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    Daemon daemon{folder.path(), configuration(infrastructure.folder())};
};

}  // namespace

TEST_CASE("a tag is peeled to its commit, and the work tree is of exactly that commit",
          "[deploy]") {
    DeployWorld world;
    world.infrastructure.git({"tag", "--annotate", "--message", "one", "v1.0.0"});
    const std::string tagged = world.infrastructure.git({"rev-parse", "v1.0.0^{commit}"});
    world.infrastructure.write("platform/02.redis/compose.yaml", "later\n");
    world.infrastructure.commit("Later");

    const Reply reply = world.daemon.signedPost(
        "/deploy",
        R"({"env":"production","tag":"v1.0.0","triggered_by":"ci","services":["redis"]})");
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    CHECK(reply.at("status") == "success");
    CHECK(reply.at("env") == "production");
    CHECK(reply.at("tag") == "v1.0.0");
    CHECK(reply.at("revision") == tagged);
    CHECK(reply.at("triggered_by") == "ci");
    CHECK(reply.at("deployed_services") == R"(["redis"])");
    CHECK(reply.at("failed_services") == "[]");
    const Reply log = world.daemon.get(reply.at("status_url") + "/log");
    CHECK_THAT(log.body, Catch::Contains("redis: " + tagged + " to production"));
}

TEST_CASE("without services, all of the environment are deployed in order", "[deploy]") {
    DeployWorld world;
    const Reply reply = world.daemon.signedPost("/deploy", R"({"env":"staging","ref":"main"})");
    REQUIRE(reply.status == 200);
    CHECK(reply.at("deployed_services") == R"(["postgres","redis","minio"])");
}

TEST_CASE("a failed deployment answers 500 with its diagnosis", "[deploy]") {
    DeployWorld world;
    world.infrastructure.write(
        "platform/02.redis/deploy.py",
        "import nowhere\nfrom invoke import task\n\n\n@task\ndef sync(c):\n    pass\n");
    world.infrastructure.commit("Break redis");
    const Reply reply = world.daemon.signedPost(
        "/deploy", R"({"env":"staging","ref":"main","services":["platform/redis"]})");
    CHECK(reply.status == 500);
    CHECK(reply.at("status") == "failed");
    CHECK(reply.at("failed_services") == R"(["redis"])");
    CHECK_THAT(reply.at("failures"), Catch::Contains("missing_python_module"));
}

TEST_CASE("work trees and what tasks make have the modes that engine.umask leaves", "[deploy]") {
    const auto [setting, modes] = GENERATE(
        table<std::string, std::string>({{"", "644 755 644"},
                                         {"engine: { umask: \"0027\" }\n", "640 750 640"},
                                         {"engine: { umask: \"077\" }\n", "600 700 600"}}));
    const TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    infrastructure.write("platform/02.redis/deploy.py",
                         "from invoke import task\n\n\n@task\ndef sync(c):\n"
                         "    c.run('touch made; stat -c %a tasks.py platform made | xargs')\n");
    infrastructure.commit("Show the modes");
    const Daemon daemon(folder.path(), configuration(infrastructure.folder(), setting));
    const Reply reply = daemon.signedPost("/sync", R"({"services":["redis"]})");
    INFO(reply.body);
    REQUIRE(reply.at("status") == "success");
    CHECK_THAT(daemon.get(reply.at("status_url") + "/log").body, Catch::Contains(modes));
}

TEST_CASE("a caller that does not wait is told where to look", "[deploy]") {
    DeployWorld world;
    const Reply reply = world.daemon.signedPost("/sync", R"({"all":true,"wait":false})");
    CHECK(reply.status == 202);
    CHECK(reply.at("status") == "accepted");
    CHECK(reply.headers.at("Location") == reply.at("status_url"));
    world.daemon.awaitDeployment(idOf(reply));
}

TEST_CASE("a sync names services by id or short name", "[deploy]") {
    DeployWorld world;
    const Reply reply =
        world.daemon.signedPost("/sync", R"({"services":["platform/postgres","minio"]})");
    REQUIRE(reply.status == 200);
    CHECK(reply.at("synced_services") == R"(["postgres","minio"])");
    CHECK(reply.at("environment") == "staging");
}

TEST_CASE("what a task writes to IAC_OUTPUT decides its outcome", "[deploy]") {
    DeployWorld world;
    world.infrastructure.write(
        "platform/02.redis/deploy.py",
        "import os\nfrom invoke import task\n\n\n@task\ndef sync(c):\n"
        "    with open(os.environ['IAC_OUTPUT'], 'w') as out:\n"
        "        out.write('outcome=unchanged\\nsummary=nothing to do\\n')\n");
    world.infrastructure.commit("Say so");
    const Reply reply = world.daemon.signedPost("/sync", R"({"services":["redis"]})");
    CHECK(reply.at("unchanged_services") == R"(["redis"])");
    CHECK(reply.at("synced_services") == R"(["redis"])");
}

TEST_CASE("a task sees its variables, and nothing of the daemon's own environment", "[deploy]") {
    DeployWorld world;
    world.infrastructure.write("platform/02.redis/deploy.py",
                               "import os\nfrom invoke import task\n\n\n@task\ndef sync(c):\n"
                               "    print(' '.join(sorted(os.environ)))\n    print(os.getcwd())\n"
                               "    print('mode %o' % (os.stat('tasks.py').st_mode & 0o777))\n");
    const std::string sha = world.infrastructure.commit("Print");
    const Reply reply = world.daemon.signedPost(
        "/deploy", R"({"env":"production","ref":"main","services":["redis"],"triggered_by":"me"})");
    REQUIRE(reply.status == 200);
    const std::string log = world.daemon.get(reply.at("status_url") + "/log").body;
    CHECK_THAT(log, Catch::Contains("COLUMNS DEPLOY_ENV HOME IAC_DEPLOYMENT_ID IAC_DEPLOY_REF "
                                    "IAC_ENVIRONMENT IAC_OUTPUT IAC_REF "
                                    "IAC_SERVICE IAC_SERVICE_NAME IAC_TRIGGERED_BY"));
    CHECK_THAT(log, !Catch::Contains("ONLY_FOR_THE_DAEMON"));
    // As git has it: a copy of it can be read by others. The data folder cannot be entered.
    CHECK_THAT(log, Catch::Contains("mode 644"));
    CHECK((std::filesystem::status(world.folder.path() / "data").permissions() &
           (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
          std::filesystem::perms::none);
}

TEST_CASE("bad input is refused with a sentence, and leaves nothing behind", "[deploy]") {
    DeployWorld world;
    REQUIRE(world.daemon.awaitLog("services at"));
    const auto [path, body, status, sentence] =
        GENERATE(table<const char*, const char*, int, const char*>({
            {"/deploy", R"({"env":"nowhere","ref":"main"})", 422, "staging, production"},
            {"/deploy", R"({"env":"staging","ref":"main","services":["mysql"]})", 422,
             "platform/postgres"},
            {"/deploy", R"({"env":"staging","tag":"main"})", 422, "main"},
            {"/deploy", R"({"env":"staging","tag":"v9.9.9"})", 422, "v9.9.9"},
            {"/deploy", R"({"env":"staging","tag":"--upload-pack=x"})", 400, "-"},
            {"/deploy", R"({"env":"staging","ref":"a..b"})", 400, ".."},
            {"/deploy", R"({"env":"staging"})", 400, "ref"},
            {"/deploy", R"(not json)", 400, "JSON"},
            {"/sync", R"({"services":"redis"})", 400, "services"},
            {"/sync", R"({})", 400, "all"},
            {"/webhook", R"({"ref":"refs/heads/main","commits":7})", 400, "commits"},
        }));
    CAPTURE(path, body);
    const Reply reply = world.daemon.signedPost(path, body);
    CHECK(reply.status == status);
    CHECK_THAT(reply.headers.at("Content-Type"), Catch::StartsWith("application/problem+json"));
    CHECK_THAT(reply.at("detail"), Catch::Contains(sentence));
    CHECK(reply.at("error") == reply.at("detail"));
    CHECK(world.daemon.get("/deployments").at("deployments") == "[]");
}

TEST_CASE("who does not sign is refused", "[deploy]") {
    DeployWorld world;
    REQUIRE(
        world.daemon.awaitLog("services at"));  // before its first fetch the runner is not healthy
    const std::string body = R"({"all":true})";
    CHECK(world.daemon.request("POST", "/sync", body).status == 401);
    CHECK(world.daemon
              .request("POST", "/sync", body,
                       {{"X-Hub-Signature-256", "sha256=" + hmacHex("wrong", body)}})
              .status == 401);
    CHECK(world.daemon.request("GET", "/deployments").status == 401);
    CHECK(world.daemon.request("GET", "/health").status == 200);
    CHECK(world.daemon.get("/deployments").at("deployments") == "[]");
}

TEST_CASE("a data folder that others can write to, or own, is refused", "[deploy]") {
    TemporaryFolder folder;
    const Infrastructure infrastructure(folder.path() / "infrastructure");
    const auto data = folder.path() / "data";
    std::filesystem::create_directory(data);
    std::string reason;
    SECTION("written by its group") {
        std::filesystem::permissions(data, std::filesystem::perms::group_write,
                                     std::filesystem::perm_options::add);
        reason = "can be written by others";
    }
    SECTION("of another user") {
        if (::geteuid() != 0) return;
        constexpr uid_t kNobody = 65534;
        REQUIRE(::chown(data.c_str(), kNobody, kNobody) == 0);
        reason = "belongs to the user with the number 65534";
    }
    const auto file = folder.path() / "iac-runner.yaml";
    iac::fixtures::writeFile(file, configuration(infrastructure.folder()));
    const auto end = runCommand({"serve", "--config", file.string()});
    CHECK(end.exit_code == 2);
    CHECK_THAT(end.err, Catch::Contains(reason));
}

TEST_CASE("a step names the plugin that carried it out", "[deploy]") {
    DeployWorld world;
    const Reply reply = world.daemon.signedPost("/sync", R"({"services":["redis"]})");
    const auto plugin = world.daemon.get(reply.at("status_url"))
                            .json()
                            ->getArray("steps")
                            ->getObject(0)
                            ->getObject("plugin");
    REQUIRE_FALSE(plugin.isNull());
    CHECK(plugin->getValue<std::string>("id") == "iac.invoke");
    CHECK(plugin->getValue<std::string>("version").find('.') != std::string::npos);
    CHECK(plugin->getValue<std::string>("sha256").size() == 64);
}

TEST_CASE("a configuration that pins another version or file of a plugin is refused", "[deploy]") {
    TemporaryFolder folder;
    const Infrastructure infrastructure(folder.path() / "infrastructure");
    const auto file = folder.path() / "iac-runner.yaml";
    const auto check = [&](const std::string& use, const std::string& pin) {
        iac::fixtures::writeFile(file,
                                 replaced(configuration(infrastructure.folder()), use, use + pin));
        return runCommand({"config", "check", file.string()});
    };
    const std::string zeros(64, '0');
    const std::string uses[] = {"iac.github, ", "iac.invoke, "};
    for (const auto& use : uses) {
        auto end = check("plugin: " + use, "version: 0.0.1, ");
        CHECK(end.exit_code == 2);
        CHECK_THAT(end.err, Catch::Contains("has the version \"") &&
                                Catch::Contains("asks for \"0.0.1\"; install that one"));
        end = check("plugin: " + use, "sha256: \"" + zeros + "\", ");
        CHECK(end.exit_code == 2);
        CHECK_THAT(end.err, Catch::Contains("has the sha256 \""));
        // What it has is right.
        const auto at = end.err.find("has the sha256 \"") + 16;
        CHECK(check("plugin: " + use, "sha256: \"" + end.err.substr(at, 64) + "\", ").exit_code ==
              0);
    }
    for (const std::string use : {"  - plugin: iac.path-rules\n", "  - plugin: iac.log\n"}) {
        const auto end = check(use, "    version: 0.0.1\n");
        CHECK(end.exit_code == 2);
        CHECK_THAT(end.err, Catch::Contains("has the version \""));
    }
    CHECK_THAT(check("plugin: iac.github, ", "sha256: abc, ").err,
               Catch::Contains("triggers.github.sha256"));
}

TEST_CASE("the progress that a plugin tells is in the log of its step", "[deploy]") {
    TemporaryFolder folder;
    const Infrastructure infrastructure(folder.path() / "infrastructure");
    const auto plugin = folder.path() / "plugins/actor.so";
    std::filesystem::create_directory(plugin.parent_path());
    std::filesystem::copy_file(std::filesystem::path(IAC_BUILD_DIR) / "tests/plugins/actor.so",
                               plugin);
    std::filesystem::permissions(plugin, std::filesystem::perms::owner_all);
    auto text = replaced(configuration(infrastructure.folder(), "plugins: [ ./plugins ]\n"),
                         "executors:\n", "executors:\n  actor: { plugin: test.actor }\n");
    text = replaced(text, "services:\n",
                    "services:\n  - { id: chatter, executor: actor, with: { do: chatter } }\n");
    const Daemon daemon(folder.path(), text);
    const Reply reply = daemon.signedPost("/sync", R"({"services":["chatter"]})");
    CHECK(reply.status == 200);
    CHECK_THAT(daemon.get(reply.at("status_url") + "/log").body,
               Catch::Contains("a line\n[50%] half way\n"));
}

// No secret leaves: a run that prints every secret, and a search over all that is left of it.
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "end_to_end/world.hpp"

using namespace iac::tests;

namespace {

constexpr const char* kSentinel = "sentinel-7f3a/with+signs";
constexpr const char* kSentinelBase64 = "c2VudGluZWwtN2YzYS93aXRoK3NpZ25z";
constexpr const char* kSentinelUrl = "sentinel-7f3a%2Fwith%2Bsigns";

std::string contents(const std::filesystem::path& folder) {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ostringstream text;
        text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
        all += text.str();
    }
    return all;
}

}  // namespace

TEST_CASE("a secret that a task prints is in no row, log or answer", "[secret]") {
    TemporaryFolder folder;
    Infrastructure infrastructure(folder.path() / "infrastructure");
    infrastructure.write(
        "platform/02.redis/deploy.py",
        "import base64, os, sys, urllib.parse\nfrom invoke import task, Exit\n\n\n@task\ndef "
        "sync(c):\n"
        "    secret = os.environ['REDIS_PASSWORD']\n"
        "    for char in secret:\n        sys.stdout.write(char)\n        sys.stdout.flush()\n"
        "    print()\n    print(base64.b64encode(secret.encode()).decode())\n"
        "    print(urllib.parse.quote(secret, safe=''))\n"
        "    raise Exit('cannot use ' + secret, code=3)\n");
    infrastructure.commit("Print it");
    std::ofstream(folder.path() / "secrets.env") << "REDIS_PASSWORD=\"" << kSentinel << "\"\n";
    std::string text =
        configuration(infrastructure.folder(), "secrets:\n  - file: ./secrets.env\n");
    const std::string with = "    with: { task: \"{name}.sync\" }\n";
    text.insert(text.find(with), "    secrets: [REDIS_PASSWORD]\n");
    Daemon daemon(folder.path(), text);

    const Reply reply = daemon.signedPost("/sync", R"({"services":["redis"]})");
    CHECK(reply.status == 500);
    const Reply log = daemon.get(reply.at("status_url") + "/log");
    const Reply shown = daemon.get(reply.at("status_url"));
    CHECK_THAT(log.body, Catch::Contains("[secret]"));
    CHECK(daemon.awaitLog("iac.log:"));
    daemon.stop();
    const std::string all =
        contents(folder.path() / "data") + daemon.log() + reply.body + log.body + shown.body;
    for (const char* form : {kSentinel, kSentinelBase64, kSentinelUrl}) {
        CAPTURE(form);
        CHECK(all.find(form) == std::string::npos);
    }
}

TEST_CASE("a secret that a plugin fetches is in no row, log or answer", "[secret]") {
    TemporaryFolder folder;
    Infrastructure infrastructure(folder.path() / "infrastructure");
    std::filesystem::create_directory(folder.path() / "plugins");
    std::filesystem::copy_file(std::filesystem::path(IAC_BUILD_DIR) / "tests/plugins/actor.so",
                               folder.path() / "plugins/actor.so");
    std::filesystem::permissions(folder.path() / "plugins/actor.so",
                                 std::filesystem::perms::owner_all);
    auto text = replaced(configuration(infrastructure.folder(), "plugins: [ ./plugins ]\n"),
                         "executors:\n", "executors:\n  actor: { plugin: test.actor }\n");
    // In two halves: the whole stands in no file before it is fetched.
    text = replaced(text, "services:\n",
                    "services:\n  - { id: fetch, executor: actor, with: { do: fetch secret, half: "
                    "one } }\n");
    Daemon daemon(folder.path(), text);
    const Reply reply = daemon.signedPost("/sync", R"({"services":["fetch"]})");
    INFO(reply.body << daemon.log());
    CHECK(reply.status == 200);
    const Reply log = daemon.get(reply.at("status_url") + "/log");
    const Reply shown = daemon.get(reply.at("status_url"));
    CHECK_THAT(log.body,
               Catch::Contains("put out: [secret]") && Catch::Contains("printed: [secret]"));
    CHECK_THAT(shown.body, Catch::Contains("told: [secret]"));
    CHECK(daemon.awaitLog("logged: [secret]"));
    daemon.stop();
    const std::string all =
        contents(folder.path() / "data") + daemon.log() + reply.body + log.body + shown.body;
    CHECK(all.find("one-of-a-fetched-secret") == std::string::npos);
}

TEST_CASE(
    "a configuration that does not check is one sentence with file, line and key, and exit code 2",
    "[secret]") {
    TemporaryFolder folder;
    Infrastructure infrastructure(folder.path() / "infrastructure");
    const std::filesystem::path file = folder.path() / "iac-runner.yaml";
    const std::string good = configuration(infrastructure.folder());
    const auto write = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        std::ofstream(file) << text;
        return runCommand({"serve", "--config", file.string()});
    };
    const auto [from, to, sentence] = GENERATE(table<const char*, const char*, const char*>({
        {"  branch: main", "  brunch: main", "brunch"},
        {"listen: 127.0.0.1:0", "listen: [1]", "server.listen"},
        {"executor: invoke", "executor: invok", "\"invok\""},
        {"plugin: iac.github", "plugin: iac.gitub", "iac.gitub"},
        {"wait: 60", "wait: soon", "triggers.manual.with.wait"},
        {"{ task: \"{name}.sync\" }", "{ task: \"{name}.sync\", tusk: 1 }", "tusk"},
        {"timeout: 60s", "timeout: \"${NOWHERE_TO_BE_FOUND}\"", "NOWHERE_TO_BE_FOUND"},
    }));
    const auto end = write(from, to);
    CAPTURE(to, end.err);
    CHECK(end.exit_code == 2);
    CHECK_THAT(end.err, Catch::Contains("iac-runner.yaml:") && Catch::Contains(sentence));
    CHECK(std::count(end.err.begin(), end.err.end(), '\n') == 1);
}

TEST_CASE("a configuration that is not there is a sentence too", "[secret]") {
    const auto end = runCommand({"serve", "--config", "/nowhere/iac-runner.yaml"});
    CHECK(end.exit_code == 2);
    CHECK_THAT(end.err, Catch::Contains("/nowhere/iac-runner.yaml"));
}

TEST_CASE("a program of the same user cannot look into the daemon", "[secret]") {
    // The daemon runs as somebody else than root, which may look into everything.
    if (::geteuid() != 0) return;
    constexpr uid_t kNobody = 65534;
    TemporaryFolder folder;
    const Infrastructure infrastructure(folder.path() / "infrastructure");
    const auto file = folder.path() / "iac-runner.yaml";
    iac::fixtures::writeFile(file, configuration(infrastructure.folder()));
    std::filesystem::permissions(
        folder.path(), std::filesystem::perms::others_exec | std::filesystem::perms::others_read,
        std::filesystem::perm_options::add);
    std::filesystem::create_directory(folder.path() / "data");
    REQUIRE(::chown((folder.path() / "data").c_str(), kNobody, kNobody) == 0);
    const auto asNobody = [](std::vector<std::string> command) {
        command.insert(command.begin(),
                       {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
        return command;
    };
    iac::Pipe err;
    iac::Child daemon({asNobody({binary().string(), "serve", "--config", file.string()}),
                       {"PATH=/usr/bin:/bin", "ONLY_FOR_THE_DAEMON=s3cr3t-value"},
                       "/"},
                      {{err.write.get(), 2}});
    err.write.close();
    std::string log;
    char buffer[4096];
    for (ssize_t got = 1; got > 0 && log.find("listening on") == std::string::npos;) {
        got = ::read(err.read.get(), buffer, sizeof buffer);
        if (got > 0) log.append(buffer, static_cast<std::size_t>(got));
    }
    INFO(log);
    REQUIRE(log.find("listening on") != std::string::npos);
    const std::string proc = "/proc/" + std::to_string(daemon.pid()) + "/";
    for (const char* what : {"environ", "maps", "mem"}) {
        INFO(what);
        std::string said;
        iac::RunLimits limits;
        limits.output = [&said](int, std::string_view bytes) { said += bytes; };
        const auto end = iac::run(
            {asNobody({"/usr/bin/head", "-c", "1", proc + what}), {"PATH=/usr/bin:/bin"}, "/"}, {},
            limits);
        CHECK(end.exit.code != 0);
        CHECK(said.find("ermission denied") != std::string::npos);
    }
    daemon.signalGroup(SIGTERM);
    daemon.wait();
}

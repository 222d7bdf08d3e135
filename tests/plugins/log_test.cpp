#include <iac/plugin.h>

#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"
#include "hosted.hpp"

using namespace iac;

namespace {

const std::string kDeployment = R"({
    "id": 1042, "environment": "staging", "status": "success", "ref": "refs/heads/main",
    "revision": "8f3c2a1d8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b", "triggered_by": "octocat",
    "created_at": "2025-01-24T04:50:40Z", "started_at": "2025-01-24T04:50:47.500Z",
    "finished_at": "2025-01-24T04:50:59.800Z",
    "steps": [{"service": "platform/postgres", "status": "changed", "summary": "two containers"},
              {"service": "platform/redis", "status": "unchanged"}]})";

test::Hosted notify(const std::string& deployment, const std::string& config = "{}",
                    const std::string& event = "deployment.finished") {
    plugin::HostedCall call;
    call.plugin = &test::shipped().find("notifier", "iac.log");
    call.config = config;
    call.input = R"({"event": ")" + event + R"(", "deployment": )" + deployment + "}";
    call.timeout = Duration{30'000};
    return test::callInHost(call);
}

std::string line(const std::string& deployment) {
    const auto hosted = notify(deployment);
    INFO(hosted.result.message);
    REQUIRE(hosted.result.status == IAC_OK);
    REQUIRE(hosted.logged.size() == 1);
    return hosted.logged.front();
}

std::string fileConfig(const std::filesystem::path& file) {
    return R"({"file": ")" + file.string() + "\"}";
}

}  // namespace

TEST_CASE("log: a finished deployment is one line in the runner's log") {
    CHECK(line(kDeployment) ==
          "deployment 1042 of 8f3c2a1 to staging: success: platform/postgres changed, "
          "platform/redis unchanged (by octocat, 12.3 s)");
}

TEST_CASE("log: a failure says why, and what was not done because of it") {
    CHECK(
        line(R"({"id": 7, "environment": "production", "status": "failed", "ref": "v1",
                   "triggered_by": "ci",
                   "steps": [{"service": "a/x", "status": "failed", "summary": "invoke x.sync ended with exit code 7"},
                             {"service": "a/y", "status": "skipped", "summary": "because of a/x"}]})") ==
        "deployment 7 of v1 to production: failed: a/x failed (invoke x.sync ended with exit code "
        "7), a/y skipped (by ci)");
}

TEST_CASE("log: services of one short name are told apart") {
    CHECK_THAT(line(R"({"id": 7, "environment": "staging", "status": "success", "steps": [
                        {"service": "platform/app", "status": "changed"},
                        {"service": "edge/app", "status": "unchanged"}]})"),
               Catch::Contains("success: platform/app changed, edge/app unchanged"));
}

TEST_CASE("log: what a deployment does not say is left out") {
    CHECK(line("{}") == "deployment ? of ? to ?: ?: no services");
    CHECK(
        line(R"({"id": "x", "environment": 1, "status": null, "steps": {}, "triggered_by": []})") ==
        "deployment ? of ? to ?: ?: no services");
    CHECK(
        line(
            R"({"id": 1, "environment": "s", "status": "cancelled", "steps": [1, {}, {"service": "a"}]})") ==
        "deployment 1 of ? to s: cancelled:  ?, a ?");
    CHECK(
        line(
            R"({"id": 1, "started_at": "2025-01-24T04:50:47Z", "finished_at": "2025-01-24T04:51:47Z"})") ==
        "deployment 1 of ? to ?: ?: no services (60.0 s)");
    for (const char* finished : {"yesterday", "2025-01-24T04:00:00Z"}) {
        INFO(finished);
        CHECK(line(R"({"id": 1, "started_at": "2025-01-24T04:50:47Z", "finished_at": ")" +
                   std::string(finished) + "\"}") == "deployment 1 of ? to ?: ?: no services");
    }
}

TEST_CASE("log: what others wrote can neither begin a line nor flood one") {
    CHECK(
        line(R"({"id": 1, "environment": "s", "status": "failed", "triggered_by": "a\nb\u001b[31m",
                   "steps": [{"service": "x\r\ny", "status": "failed", "summary": "m\nn"}]})") ==
        "deployment 1 of ? to s: failed: x  y failed (m n) (by a b [31m)");
    std::string steps;
    for (int i = 0; i < 60; ++i)
        steps += (i ? "," : "") + std::string(R"({"service": "s", "status": "changed"})");
    const auto many = line(R"({"id": 1, "steps": [)" + steps + "]}");
    const std::string end = "s changed and 10 more";
    CHECK(many.substr(many.size() - end.size()) == end);
    CHECK(line(R"({"id": 1, "triggered_by": ")" + std::string(10'000, 'x') + "\"}").size() < 400);
}

TEST_CASE("log: with a file each deployment appends its line with the time of its end") {
    const fixtures::Folder folder;
    const auto file = folder / "deployments.log";
    fixtures::writeFile(file, "before\n");
    for (int i = 0; i < 2; ++i) {
        const auto hosted = notify(kDeployment, fileConfig(file));
        CHECK(hosted.result.status == IAC_OK);
        CHECK(hosted.logged.empty());
    }
    const std::string expected =
        "2025-01-24T04:50:59.800Z deployment 1042 of 8f3c2a1 to staging: success: "
        "platform/postgres changed, platform/redis unchanged (by octocat, 12.3 s)\n";
    CHECK(fixtures::readFile(file) == "before\n" + expected + expected);
}

TEST_CASE("log: the end that says that a failure is over is an end too") {
    const auto hosted = notify(kDeployment, "{}", "deployment.recovered");
    CHECK(hosted.logged.size() == 1);
}

TEST_CASE("log: other events than the end write nothing") {
    const fixtures::Folder folder;
    CHECK(notify(kDeployment, fileConfig(folder / "x"), "deployment.started").result.status ==
          IAC_OK);
    CHECK_FALSE(std::filesystem::exists(folder / "x"));
}

TEST_CASE("log: the line can be said in other words, and stays one line") {
    const auto hosted =
        notify(kDeployment, R"({"title": "{environment}: {short_revision}\n{status}"})");
    REQUIRE(hosted.logged.size() == 1);
    CHECK(hosted.logged.front() == "staging: 8f3c2a1 success");
    const auto unknown = notify(kDeployment, R"({"title": "{enviroment}"})");
    CHECK(unknown.result.end == plugin::HostedResult::End::refused);
    CHECK(unknown.result.message.find("title: at character 1 there is no field {enviroment}") !=
          std::string::npos);
}

TEST_CASE("log: a file that cannot be written says so, and a full disk is tried again") {
    const fixtures::Folder folder;
    const auto nowhere = notify(kDeployment, fileConfig(folder / "no/such/folder.log"));
    CHECK(nowhere.result.status == IAC_FAILED);
    CHECK(nowhere.result.message == "cannot write to " + (folder / "no/such/folder.log").string() +
                                        ": No such file or directory");
    const auto full = notify(kDeployment, fileConfig("/dev/full"));
    CHECK(full.result.status == IAC_RETRY);
    CHECK(full.result.message == "cannot write to /dev/full: No space left on device");

    const auto relative = notify(kDeployment, fileConfig("deployments.log"));
    CHECK(relative.result.end == plugin::HostedResult::End::refused);
    CHECK(relative.result.message.find("is not an absolute path") != std::string::npos);
}

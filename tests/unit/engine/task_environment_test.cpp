#include "engine/task_environment.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"

using namespace iac;

TEST_CASE("a task sees a clean environment, its own variables, and the secrets it names",
          "[task_environment]") {
    config::Settings settings;
    settings.environments = {{"staging", {{"REGION", "eu"}, {"DEPLOY_ENV", "stage"}}}};
    settings.secrets = {{"DB_PASSWORD", Secret("pw")}, {"OTHER", Secret("not asked for")}};
    Deployment deployment;
    deployment.id = 7;
    deployment.environment = "staging";
    deployment.revision = std::string(40, 'a');
    deployment.ref = "refs/heads/main";
    deployment.triggered_by = "octo";
    planning::Service service;
    service.id = "platform/redis";
    service.secrets = {"DB_PASSWORD"};
    const auto all = engine::taskEnvironment(settings, deployment, service, "/scratch");
    const auto has = [&](const std::string& one) {
        return std::ranges::find(all, one) != all.end();
    };
    CHECK(has("DEPLOY_ENV=stage"));
    CHECK(has("REGION=eu"));
    CHECK(has("DB_PASSWORD=pw"));
    CHECK(has("IAC_DEPLOYMENT_ID=7"));
    CHECK(has("IAC_SERVICE=platform/redis"));
    CHECK(has("IAC_DEPLOY_REF=" + deployment.revision));
    CHECK(has("IAC_OUTPUT=/scratch/output"));
    CHECK(std::ranges::none_of(all,
                               [](const std::string& one) { return one.starts_with("OTHER="); }));
    CHECK(std::ranges::none_of(all,
                               [](const std::string& one) { return one.starts_with("INVOKE_"); }));
}

TEST_CASE("a task of another user sees that user's home and name", "[task_environment]") {
    config::Settings settings;
    settings.environments = {{"staging", {{"REGION", "eu"}}}, {"own", {{"HOME", "/srv/home"}}}};
    Deployment deployment;
    deployment.environment = "staging";
    const Account account{"deploy", "/home/deploy", {1001, 1001, {1001}}};
    const auto of = [&](const std::string& environment, const Account* user) {
        deployment.environment = environment;
        auto all = engine::taskEnvironment(settings, deployment, {}, "/scratch", user);
        std::erase_if(all, [](const std::string& one) {
            return !one.starts_with("HOME=") && !one.starts_with("USER=") &&
                   !one.starts_with("LOGNAME=");
        });
        return all;
    };
    CHECK(of("staging", &account) ==
          std::vector<std::string>{"HOME=/home/deploy", "LOGNAME=deploy", "USER=deploy"});
    // What the environment's own variables say wins.
    CHECK(of("own", &account).front() == "HOME=/srv/home");
    CHECK(of("staging", nullptr).size() == 2);
}

TEST_CASE("what a task wrote to IAC_OUTPUT is read line by line", "[task_environment]") {
    const fixtures::Folder folder;
    fixtures::writeFile(
        folder / "output",
        "outcome=unchanged\r\nnonsense\nsummary=a=b\nunknown=x\nconfig_hash=ab12\n");
    const auto output = engine::readTaskOutput(folder / "output");
    CHECK(output.outcome == "unchanged");
    CHECK(output.summary == "a=b");
    CHECK(output.config_hash == "ab12");
    CHECK(engine::readTaskOutput(folder / "nothing").outcome.empty());
}

TEST_CASE("IAC_OUTPUT is read without waiting, and only when it is a file of the task",
          "[task_environment]") {
    const fixtures::Folder folder;
    const auto file = folder / "output";
    SECTION("a FIFO") {
        REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    }
    SECTION("a link to a FIFO") {
        REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
        std::filesystem::create_symlink(folder / "pipe", file);
    }
    SECTION("a link to a file of somebody else") {
        fixtures::writeFile(folder / "other", "outcome=unchanged\n");
        std::filesystem::create_symlink(folder / "other", file);
    }
    SECTION("a file that has a second name") {
        fixtures::writeFile(folder / "another", "outcome=unchanged\n");
        std::filesystem::create_hard_link(folder / "another", folder / "output");
    }
    SECTION("a folder") {
        std::filesystem::create_directory(file);
    }
    SECTION("a device") {
        std::filesystem::create_symlink("/dev/zero", file);
    }
    SECTION("a file over the limit") {
        fixtures::writeFile(file,
                            "outcome=unchanged\n" + std::string(engine::kTaskOutputLimit, 'x'));
    }
    const auto output = engine::readTaskOutput(file);
    CHECK_FALSE(output.invalid.empty());
    CHECK(output.outcome.empty());
}

TEST_CASE("IAC_OUTPUT may be as large as its limit", "[task_environment]") {
    const fixtures::Folder folder;
    const std::string line = "outcome=unchanged\n";
    fixtures::writeFile(folder / "output",
                        line + std::string(engine::kTaskOutputLimit - line.size(), 'x'));
    CHECK(engine::readTaskOutput(folder / "output").outcome == "unchanged");
    CHECK(engine::readTaskOutput(folder / "output").invalid.empty());
}

// What `config check` finds before a daemon does.
#include <algorithm>
#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"
#include "world.hpp"

using namespace iac::tests;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

struct Checked {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    std::string text = configuration(infrastructure.folder());
    fs::path file = folder.path() / "iac-runner.yaml";

    void set(const std::string& from, const std::string& to) {
        REQUIRE(text.find(from) != std::string::npos);
        text = replaced(text, from, to);
    }
    void addPlugin(const fs::path& from, const std::string& name) const {
        const auto to = folder.path() / "plugins" / name;
        fs::create_directories(to.parent_path());
        fs::copy_file(from, to);
        fs::permissions(to, fs::perms::owner_all);
    }
    CommandEnd check(const std::vector<std::string>& environment = {}) const {
        iac::fixtures::writeFile(file, text);
        return runCommand({"config", "check", file.string()}, environment);
    }
    /// "…/iac-runner.yaml:26: ", the line of the first text of that kind.
    std::string place(const std::string& part) const {
        const auto at = text.find(part);
        REQUIRE(at != std::string::npos);
        return "iac-runner.yaml:" +
               std::to_string(1 + std::count(text.begin(),
                                             text.begin() + static_cast<std::ptrdiff_t>(at),
                                             '\n')) +
               ": ";
    }
};

const fs::path kPlugins = fs::path(IAC_BUILD_DIR) / "lib/iac-runner/plugins";

}  // namespace

TEST_CASE("config check finds a trigger on a route of the runner itself", "[config_check]") {
    Checked checked;
    checked.addPlugin(fs::path(IAC_BUILD_DIR) / "tests/plugins/health_route.so", "health_route.so");
    checked.set("triggers:\n",
                "plugins: [./plugins]\ntriggers:\n  mine: { plugin: test.health }\n");
    const auto end = checked.check();
    CHECK(end.exit_code == 2);
    CHECK_THAT(end.err, Contains(checked.place("mine:") + "triggers.mine") &&
                            Contains("POST /health") && Contains("the runner itself"));
}

TEST_CASE("config check names both files of a plugin that is there twice", "[config_check]") {
    Checked checked;
    checked.addPlugin(kPlugins / "command.so", "mine.so");
    checked.set("triggers:\n", "plugins: [./plugins]\ntriggers:\n");
    const auto end = checked.check();
    CHECK(end.exit_code == 0);
    CHECK_THAT(end.err, Contains("warning: ") && Contains("\"iac.command\"") &&
                            Contains("plugins/mine.so") &&
                            Contains((kPlugins / "command.so").string()));
}

TEST_CASE("config check warns of a program that is not there", "[config_check]") {
    Checked checked;
    const std::string command =
        "  - id: edge/one\n    executor: run\n    with: { command: [PROGRAM, --wait] }\n";
    const std::string before = checked.text;
    const auto with = [&](const std::string& program) {
        checked.text = before;
        checked.set("triggers:\n", replaced(command, "PROGRAM", program) + "triggers:\n");
        checked.set("executors:\n", "executors:\n  run: { plugin: iac.command }\n");
        return std::pair(checked.check(), checked.place("with: { command"));
    };
    for (const char* program : {"no-such-program", "/no/such/program"}) {
        const auto [end, place] = with(program);
        CHECK(end.exit_code == 0);
        CHECK_THAT(end.err, Contains("warning: ") && Contains(place + "services[1].with.command") &&
                                Contains(program) && Contains("install it"));
    }
    for (const char* program : {"sh", "/bin/sh", "./deploy.sh", "bin/deploy", "\"{name}-deploy\""})
        CHECK_THAT(with(program).first.err, !Contains("with.command"));
    checked.text = before;
    checked.set("plugin: iac.invoke, timeout: 60s",
                "plugin: iac.invoke, with: { program: no-such-invoke }");
    CHECK_THAT(checked.check().err, Contains(checked.place("no-such-invoke") +
                                             "executors.invoke.with.program: there is no "
                                             "program \"no-such-invoke\" in PATH"));
}

TEST_CASE("config check warns of a secret that ends in a line break", "[config_check]") {
    Checked checked;
    checked.set("url: " + checked.infrastructure.folder().string(), "url: ${IAC_TEST_URL}");
    const std::string value = checked.infrastructure.folder().string();
    CHECK_THAT(checked.check({"IAC_TEST_URL=" + value}).err, !Contains("line break"));
    checked.set("secret: \"" + std::string(kSecret) + "\"", "secret: \"${IAC_TEST_SECRET}\"");
    const auto end =
        checked.check({"IAC_TEST_URL=" + value, "IAC_TEST_SECRET=a-long-secret-of-the-test\n"});
    CHECK(end.exit_code == 0);
    CHECK_THAT(end.err, Contains("warning: ") && Contains("iac-runner.yaml:") &&
                            Contains("secrets: IAC_TEST_SECRET ends in a line break"));
    CHECK_THAT(end.err, !Contains("a-long-secret"));
}

TEST_CASE("config check finds two services of one id, with both places", "[config_check]") {
    Checked checked;
    SECTION("of two entries") {
        checked.set("triggers:\n",
                    "  - { id: a/b, executor: invoke, with: { task: t } }\n"
                    "  - { id: a/b, executor: invoke, with: { task: u } }\ntriggers:\n");
        const auto end = checked.check();
        CHECK(end.exit_code == 2);
        CHECK_THAT(end.err, Contains(checked.place("task: u") + "services[2].id") &&
                                Contains(checked.place("task: t") + "services[1]"));
    }
    SECTION("of two rules that find the same") {
        checked.set(
            "triggers:\n",
            "  - { discover: \"platform/{order}.{name}/deploy.py\", id: \"platform/{name}\",\n"
            "      executor: invoke, with: { task: u } }\ntriggers:\n");
        const auto end = checked.check();
        CHECK(end.exit_code == 2);
        CHECK_THAT(end.err, Contains("services[1].id") &&
                                Contains(checked.place("- discover:") + "services[0]"));
    }
    SECTION("not of an entry that takes the place of what a rule finds") {
        checked.set("triggers:\n",
                    "  - { id: platform/redis, executor: invoke, with: { task: u } }\ntriggers:\n");
        CHECK(checked.check().exit_code == 0);
    }
}

TEST_CASE("config check finds a repository that cannot be parsed", "[config_check]") {
    for (const char* url :
         {"https://exa mple.com/a.git", "https://example.com:99999/a.git", "https://[::1/a.git",
          "ssh://git@host:port/a.git", "https://ci:to/ken@example.com/a.git", "~/a"}) {
        CAPTURE(url);
        Checked checked;
        checked.set("url: " + checked.infrastructure.folder().string(),
                    "url: \"" + std::string(url) + "\"");
        const auto end = checked.check();
        CHECK(end.exit_code == 2);
        CHECK_THAT(end.err, Contains(checked.place("url:") + "repository.url: "));
    }
}

TEST_CASE("config check says at which line a rule of path-rules is wrong", "[config_check]") {
    Checked checked;
    const auto with = [&](const std::string& part) {
        return checked.place(part) + "mappers[0].with: ";
    };
    checked.set("\"libs/**\"", "\"!libs/**\"");
    const auto end = checked.check();
    CHECK(end.exit_code == 2);
    CHECK_THAT(end.err, Contains(with("!libs")) && Contains("rules[2].path: it begins with \"!\""));
    checked.set("\"!libs/**\"", "\"libs/{b\"");
    CHECK_THAT(checked.check().err, Contains(with("libs/{b")) && Contains("rules[2].path: "));
    checked.set("\"libs/{b\", service: \"platform/*\"", "\"libs/**\"");
    CHECK_THAT(checked.check().err, Contains(with("\"libs/**\"")) && Contains("rules[2]: "));
}

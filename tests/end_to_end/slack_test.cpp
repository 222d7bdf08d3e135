// Slack hears of it: the real daemon and the real iac.slack, against a Slack of our own over HTTP.
#include <algorithm>
#include <catch2/catch.hpp>

#include "end_to_end/world.hpp"
#include "plugins/fakes/fake_slack.hpp"

using namespace iac::tests;
using Catch::Contains;
using iac::fakes::FakeSlack;

namespace {

struct SlackWorld {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    FakeSlack slack;

    std::string text(const std::string& token = FakeSlack::kToken,
                     const std::string& more = "") const {
        return configuration(infrastructure.folder(),
                             "  - plugin: iac.slack\n    with: { token: " + token + ", channel: " +
                                 FakeSlack::kChannel + ", api_url: \"" + slack.apiUrl() + "\"" +
                                 (more.empty() ? "" : ", " + more) + " }\n");
    }
    bool awaitText(const std::string& begin) {
        return slack.http().await([&](std::size_t) {
            return std::ranges::any_of(slack.messages(), [&](const FakeSlack::Message& one) {
                return one.text.find(begin) != std::string::npos;
            });
        });
    }
};

std::string deploy(Daemon& daemon) {
    const auto reply =
        daemon.signedPost("/deploy", R"({"env":"production","ref":"main","services":["redis"]})");
    INFO(reply.body);
    return "/deployments/" + reply.at("deployment_id");
}

}  // namespace

TEST_CASE("slack: a deployment is one message, and its failure stands in the thread", "[slack]") {
    SlackWorld world;
    Daemon daemon(world.folder.path(), world.text());
    deploy(daemon);
    REQUIRE(world.awaitText("✅ Deployment 1 to production succeeded"));
    CHECK(world.slack.messages().size() == 1);

    world.infrastructure.write("platform/02.redis/deploy.py",
                               "from invoke import task\n\n\n@task\ndef sync(c):\n    raise "
                               "SystemExit('<!channel> taken')\n");
    world.infrastructure.commit("Break redis for <!channel>");
    deploy(daemon);
    REQUIRE(world.awaitText("❌ Deployment 2 to production failed"));
    REQUIRE(
        world.slack.http().await([&](std::size_t) { return world.slack.messages().size() == 3; }));
    const auto messages = world.slack.messages();
    CHECK(messages[2].thread_ts == messages[1].ts);
    CHECK_THAT(messages[2].json, Contains("rich_text_preformatted") && Contains("> taken"));
    for (const auto& message : messages) CHECK_THAT(message.text, !Contains("<!"));

    world.infrastructure.git({"revert", "--no-edit", "HEAD"});
    deploy(daemon);
    REQUIRE(world.awaitText("✅ Deployment 3 to production succeeded: the failure is over"));
    CHECK(daemon.stop() == iac::Exit{0});
}

TEST_CASE("slack: a wrong token ends in a true state and one line, and is shown nowhere",
          "[slack]") {
    SlackWorld world;
    Daemon daemon(world.folder.path(), world.text("xoxb-wrong-token"));
    const std::string deployment = deploy(daemon);
    REQUIRE(daemon.awaitLog("given up: Slack did not take it: the token is not valid"));
    deploy(daemon);
    REQUIRE(world.slack.http().await([](std::size_t exchanges) { return exchanges >= 4; }));
    const std::string shown = daemon.get(deployment).body;
    CHECK_THAT(shown, Contains(R"("notifier":"iac.slack")") && Contains(R"("state":"given_up")") &&
                          Contains("the token is not valid (invalid_auth)") &&
                          Contains("Bot User OAuth Token"));
    daemon.stop();
    const std::string log = daemon.log();
    const auto first = log.find("is given up: Slack");
    CHECK(log.find("is given up: Slack", first + 1) == std::string::npos);
    CHECK_THAT(log + shown, !Contains("wrong-token"));
}

TEST_CASE("slack: a Slack that is busy is told when it asks to be", "[slack]") {
    SlackWorld world;
    world.slack.http().next(FakeSlack::rateLimited(1));
    Daemon daemon(world.folder.path(), world.text());
    deploy(daemon);
    CHECK(daemon.awaitLog("is tried again: Slack did not take it: too many messages for now"));
    CHECK(world.awaitText("✅ Deployment 1 to production succeeded"));
    CHECK(world.slack.messages().size() == 1);
}

TEST_CASE("slack: a template that does not parse is a fault of the configuration, with its place",
          "[slack]") {
    const SlackWorld world;
    const auto file = world.folder / "iac-runner.yaml";
    iac::fixtures::writeFile(file, world.text("xoxb-secret-token", "title: \"{enviroment}\""));
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"config", "check", file.string()},
          std::vector<std::string>{"serve", "--config", file.string()}}) {
        const auto end = runCommand(command);
        INFO(end.err);
        CHECK(end.exit_code == 2);
        CHECK_THAT(end.err, Contains("notifiers[1].with: title: at character 1 there is no field "
                                     "{enviroment}; there are: "));
        CHECK_THAT(end.err, !Contains("secret-token"));
    }
}

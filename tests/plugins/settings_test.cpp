// The settings of every plugin, as the configuration checks them: the examples in the folders of
// the plugins are complete and true, and what a schema says is what the plugin takes.
#include <Poco/JSON/Stringifier.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "config/settings.hpp"
#include "fixtures/folder.hpp"
#include "shipped.hpp"

using namespace iac;

namespace {

const std::string kPlugins = IAC_SOURCE_DIR "/plugins/";

// What every configuration has to have, unless `part` has it.
std::string whole(const std::string& part) {
    const std::pair<const char*, const char*> sections[] = {
        {"server:", "server: { secret: s3cret }\n"},
        {"repository:", "repository: { url: /srv/infra.git }\n"},
        {"environments:", "environments: { staging: {}, production: {} }\n"}};
    std::string text = "secrets: [ { file: secrets.env } ]\n" + part;
    for (const auto& [name, section] : sections)
        if (("\n" + part).find(std::string("\n") + name) == std::string::npos) text += section;
    return text;
}

class Loaded {
public:
    explicit Loaded(const std::string& part) {
        fixtures::writeFile(folder_ / "secrets.env",
                            "WEBHOOK_SECRET=s3cret\nGIT_REPO_URL=/srv/infra.git\n"
                            "SLACK_BOT_TOKEN=xoxb-1\nGITHUB_STATUS_TOKEN=github_pat_1\n"
                            "DEPLOYMENTS_WEBHOOK_SECRET=whsec_1\n"
                            "DOKPLOY_API_KEY=the key\nPOSTGRES_PASSWORD=pg\n");
        fixtures::writeFile(folder_ / "iac-runner.yaml", whole(part));
        settings_ = config::load(folder_ / "iac-runner.yaml");
    }
    const config::Settings& operator*() const { return settings_; }
    const config::Settings* operator->() const { return &settings_; }

    /// `with` of a plugin use, complete by the plugin's schema, as JSON.
    std::string complete(const char* kind, const config::PluginUse& use) const {
        return text(
            config::complete(settings_, test::shipped().find(kind, use.plugin).schema, use));
    }
    std::string completeService(const config::ServiceRule& rule) const {
        const auto executor =
            std::find_if(settings_.executors.begin(), settings_.executors.end(),
                         [&](const auto& one) { return one.name == rule.executor; });
        REQUIRE(executor != settings_.executors.end());
        const auto& schema = test::shipped().find("executor", executor->plugin).service_schema;
        return text(config::completeService(settings_, schema, rule.with, rule.place));
    }

private:
    static std::string text(const Poco::JSON::Object::Ptr& object) {
        std::ostringstream out;
        Poco::JSON::Stringifier::stringify(object, out);
        return out.str();
    }
    const fixtures::Folder folder_;
    config::Settings settings_;
};

Loaded example(const std::string& folder) {
    return Loaded(fixtures::readFile(kPlugins + folder + "/example.yaml"));
}

std::string whyNot(const char* kind, const std::string& part) {
    try {
        const Loaded loaded(part);
        for (const auto& use : loaded->triggers) loaded.complete(kind, use);
        for (const auto& use : loaded->mappers) loaded.complete(kind, use);
        for (const auto& use : loaded->notifiers) loaded.complete(kind, use);
        for (const auto& rule : loaded->services) loaded.completeService(rule);
    } catch (const config::Invalid& e) {
        return e.what();
    }
    return "it was taken";
}

}  // namespace

TEST_CASE("settings: every schema is one that the configuration can check") {
    for (const auto& plugin : test::shipped().plugins()) {
        INFO(plugin.id);
        CHECK(config::schemaFault(plugin.schema).empty());
        if (!plugin.service_schema.empty())
            CHECK(config::schemaFault(plugin.service_schema).empty());
    }
}

TEST_CASE("settings: the examples of the triggers and the mapper are taken by the plugins") {
    const auto github = example("triggers/github");
    REQUIRE(github->triggers.size() == 1);
    CHECK(github.complete("trigger", github->triggers[0]) == R"({"secret":"s3cret"})");

    const auto manual = example("triggers/manual");
    REQUIRE(manual->triggers.size() == 1);
    const plugin::Trigger trigger(test::shipped().find("trigger", "iac.manual"),
                                  manual.complete("trigger", manual->triggers[0]));
    CHECK(trigger.routes().size() == 3);

    const auto rules = example("mappers/path_rules");
    REQUIRE(rules->mappers.size() == 1);
    const plugin::Mapper mapper(test::shipped().find("mapper", "iac.path-rules"),
                                rules.complete("mapper", rules->mappers[0]));
    CHECK(mapper.map({"platform/01.redis/deploy.py"}, {}, "staging").at(0).service ==
          "platform/redis");
    CHECK(mapper.map({"platform/01.redis/README.md"}, {}, "staging").at(0).why == "documentation");
}

TEST_CASE("settings: the examples of the executors and the log are complete by their schemas") {
    const auto invoke = example("executors/invoke");
    REQUIRE(invoke->executors.size() == 1);
    CHECK(invoke.complete("executor", invoke->executors[0]) ==
          R"({"program":"invoke","outcomes":{"unchanged":[],"failed":[],"retry":[]}})");
    REQUIRE(invoke->services.size() == 2);
    CHECK(invoke.completeService(invoke->services[0]) ==
          R"({"task":"{name}.sync","args":[],"before":[],"directory":"","collection":""})");
    CHECK(invoke.completeService(invoke->services[1]).find(R"("args":["--graceful"])") !=
          std::string::npos);

    const auto command = example("executors/command");
    REQUIRE(command->executors.size() == 1);
    CHECK(command.complete("executor", command->executors[0]) == R"({"retry_exit_codes":[75]})");
    REQUIRE(command->services.size() == 3);
    CHECK(
        command.completeService(command->services[0]) ==
        R"({"command":["./deploy.sh","--wait"],"directory":"platform/{order}.{name}","settings":{},"dry_run":false})");
    CHECK(command.completeService(command->services[1]).find(R"("replicas":3)") !=
          std::string::npos);
    CHECK(command.completeService(command->services[2]).find(R"("shell":"make pages)") !=
          std::string::npos);

    const auto dokploy = example("executors/dokploy");
    REQUIRE(dokploy->executors.size() == 1);
    CHECK(
        dokploy.complete("executor", dokploy->executors[0]) ==
        R"({"url":"https://dokploy.example.com","key":"the key","project":"platform","environments":{},)"
        R"("auto_deploy":"report","deadline":540,"patience":60,"appear":30,"poll":2})");
    REQUIRE(dokploy->services.size() == 3);
    CHECK(dokploy.completeService(dokploy->services[0]).find(R"("create":true)") !=
          std::string::npos);
    CHECK(dokploy.completeService(dokploy->services[1]).find("${{project.DOMAIN}}") !=
          std::string::npos);
    CHECK(dokploy.completeService(dokploy->services[2]).find(R"("type":"application")") !=
          std::string::npos);

    const auto log = example("notifiers/log");
    REQUIRE(log->notifiers.size() == 1);
    CHECK(log.complete("notifier", log->notifiers[0]) ==
          R"({"file":"/var/log/iac-runner/deployments.log"})");
}

TEST_CASE("settings: the examples of the notifiers are complete by their schemas") {
    const auto slack = example("notifiers/slack");
    REQUIRE(slack->notifiers.size() == 1);
    CHECK(
        slack.complete("notifier", slack->notifiers[0]) ==
        R"({"token":"xoxb-1","channel":"C012AB3CD","mention":["<!here>"],"mention_in":["production"],"at_start":false,"title":"{icon} {what} {id} to {environment} {outcome}","body":"{subject}","api_url":"https://slack.com/api"})");
    const auto github = example("notifiers/github_status");
    REQUIRE(github->notifiers.size() == 1);
    CHECK(github.complete("notifier", github->notifiers[0]).find(R"("token":"github_pat_1")") !=
          std::string::npos);
    const auto webhook = example("notifiers/webhook");
    REQUIRE(webhook->notifiers.size() == 1);
    const auto& schema = test::shipped().find("notifier", "iac.webhook").schema;
    CHECK(config::writeOnlyValues(schema, webhook->notifiers[0].with).size() == 2);
    CHECK_THAT(whyNot("notifier", "notifiers: [ { plugin: iac.slack, with: { token: a } } ]\n"),
               Catch::Contains("webhook_url, or token and channel"));
}

TEST_CASE("settings: a secret may be a text or an array, and is never shown") {
    const Loaded two(
        "triggers: { github: { plugin: iac.github, environment: staging, with: "
        "{ secret: [\"${WEBHOOK_SECRET}\", other] } } }\n");
    CHECK(two.complete("trigger", two->triggers[0]) == R"({"secret":["s3cret","other"]})");
    const auto& schema = test::shipped().find("trigger", "iac.github").schema;
    const auto hidden = config::writeOnlyValues(schema, two->triggers[0].with);
    CHECK(hidden == std::vector<std::string>{"s3cret", "other"});
}

TEST_CASE("settings: what a plugin does not know is refused with line and key") {
    using Catch::Contains;
    CHECK_THAT(
        whyNot("trigger", "triggers: { manual: { plugin: iac.manual, with: { wiat: 5 } } }\n"),
        Contains("iac-runner.yaml:2: triggers.manual.with") && Contains("wiat"));
    CHECK_THAT(
        whyNot("trigger", "triggers: { manual: { plugin: iac.manual, with: { wait: 3601 } } }\n"),
        Contains("triggers.manual.with.wait"));
    CHECK_THAT(
        whyNot("trigger",
               "triggers: { manual: { plugin: iac.manual, with: { replay_protection: on } } }\n"),
        Contains("triggers.manual.with.replay_protection"));
    CHECK_THAT(whyNot("mapper", "mappers: [ { plugin: iac.path-rules } ]\n"), Contains("rules"));
    CHECK_THAT(
        whyNot("mapper",
               "mappers: [ { plugin: iac.path-rules, with: { rules: [ { service: a } ] } } ]\n"),
        Contains("rules[0]") && Contains("path"));
    CHECK_THAT(whyNot("notifier", "notifiers: [ { plugin: iac.log, with: { file: 1 } } ]\n"),
               Contains("with.file"));
    CHECK_THAT(whyNot("executor",
                      "executors: { invoke: { plugin: iac.invoke } }\n"
                      "services: [ { id: a/b, executor: invoke, with: { args: [a] } } ]\n"),
               Contains("task"));
    for (const char* with : {"{}", "{ command: [a], shell: b }"})
        CHECK_THAT(whyNot("executor",
                          "executors: { command: { plugin: iac.command } }\n"
                          "services: [ { id: a/b, executor: command, with: " +
                              std::string(with) + " } ]\n"),
                   Contains("iac-runner.yaml:3: services[0].with"));
}

TEST_CASE("settings: what a plugin gets as text is spelled as it was written") {
    const Loaded dokploy(
        "executors: { dokploy: { plugin: iac.dokploy, with: { url: \"http://d\", key: k, "
        "deadline: 6e2, poll: 1.0 } } }\n"
        "services:\n"
        "  - id: a/b\n"
        "    executor: dokploy\n"
        "    with:\n"
        "      project: p\n"
        "      file: compose.yaml\n"
        "      create: True\n"
        "      variables: { A: 15.10, B: 0022, C: 1.0, D: 1234567e3, E: 01067, F: 0x1F, G: +5, "
        "H: 15, I: 1.5, J: -3, K: True, L: .5 }\n");
    const auto variables = dokploy.completeService(dokploy->services[0]);
    for (const char* one : {R"("A":"15.10")", R"("B":"0022")", R"("C":"1.0")", R"("D":"1234567e3")",
                            R"("E":"01067")", R"("F":"0x1F")", R"("G":"+5")", R"("H":15)",
                            R"("I":1.5)", R"("J":-3)", R"("K":"True")", R"("L":".5")"}) {
        INFO(one);
        CHECK_THAT(variables, Catch::Contains(one));
    }
    // Where a number or a truth value is wanted, it is one in whatever spelling.
    CHECK_THAT(variables, Catch::Contains(R"("create":true)"));
    const auto server = dokploy.complete("executor", dokploy->executors[0]);
    CHECK_THAT(server, Catch::Contains(R"("deadline":600)") && Catch::Contains(R"("poll":1)"));

    const Loaded command(
        "executors: { command: { plugin: iac.command } }\n"
        "services: [ { id: a/b, executor: command, with: { command: [ ./deploy, 1.10, 007, 1e3 ], "
        "settings: { version: 1.20, mode: 0644, count: 3 } } } ]\n");
    CHECK_THAT(command.completeService(command->services[0]),
               Catch::Contains(R"("command":["./deploy","1.10","007","1e3"])") &&
                   Catch::Contains(R"("version":"1.20","mode":"0644","count":3)"));
}

TEST_CASE("settings: a placeholder may not stand in text for a shell") {
    const auto why = [](const std::string& shell) -> std::string {
        const Loaded loaded(
            "executors: { command: { plugin: iac.command } }\n"
            "services: [ { discover: \"p/{order}.{name}/x\", id: \"p/{name}\", executor: command, "
            "with: { shell: '" +
            shell + "' } } ]\n");
        const auto& schema = test::shipped().find("executor", "iac.command").service_schema;
        try {
            config::refusePlaceholders(*loaded, schema, loaded->services[0]);
            return "";
        } catch (const config::Invalid& e) {
            return e.what();
        }
    };
    for (const char* shell :
         {"make {name}", "cd \"{order}\"", "x $${name}", "a {name|dashed}", "{id}"}) {
        INFO(shell);
        CHECK_THAT(why(shell), Catch::Contains("iac-runner.yaml:3: services[0].with.shell") &&
                                   Catch::Contains("$IAC_SERVICE"));
    }
    for (const char* shell : {"make $IAC_SERVICE_NAME", "awk {print}", "{ a; b; }", "x {other}"}) {
        INFO(shell);
        CHECK(why(shell).empty());
    }
}

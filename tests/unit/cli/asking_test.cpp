// What was deployed, and what came in: history, show, services, events, plan, holds, tokens.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <future>

#include "cli/commands.hpp"
#include "unit/cli/command.hpp"

namespace iac::cli {
namespace {

using Catch::Contains;

engine::PlanAnswer echo(const engine::PlanQuestion& question) {
    engine::PlanAnswer answer;
    answer.note = "nothing has been deployed yet";
    answer.revision = std::string(40, 'b');
    answer.plan.services = {{"platform/postgres", question.environment + "|" + question.ref + "|" +
                                                      question.base + "|" + question.head + "|" +
                                                      std::to_string(question.files.size())}};
    answer.plan.skipped = {{"bootstrap/vault", "deployed by hand", false},
                           {"platform/redis", "held by ada: migration", true}};
    return answer;
}

/// A variable of the environment, gone at the end.
struct Variable {
    Variable(const char* its_name, const std::string& value) : name(its_name) {
        ::setenv(name, value.c_str(), 1);
    }
    ~Variable() { ::unsetenv(name); }
    const char* name;
};

}  // namespace

TEST_CASE("history passes every filter on, and says when nothing matches") {
    Desk desk;
    REQUIRE(desk({"deploy", "staging", "v1", "--service", "postgres"}).code == kDone);
    REQUIRE(desk({"deploy", "production", "v2"}).code == kDone);
    const auto one =
        desk({"history", "--env", "staging", "--status", "queued", "--trigger", "manual", "--ref",
              "v1", "--since", "2h", "--before", "2", "--limit", "5"});
    INFO(one.err);
    CHECK_THAT(one.out, Contains("\n1   queued") && Contains("v1") && Contains("postgres"));
    for (const std::vector<std::string>& none : {std::vector<std::string>{"--until", "1h"},
                                                 {"--triggered-by", "nobody"},
                                                 {"--revision", std::string(40, 'c')},
                                                 {"--before", "1"},
                                                 {"--since", "2999-01-01"}}) {
        std::vector<std::string> arguments{"history"};
        arguments.insert(arguments.end(), none.begin(), none.end());
        const auto ended = desk(arguments);
        INFO(none.front());
        CHECK(ended.code == kDone);
        CHECK(ended.out.empty());
        CHECK(ended.err == "No deployments.\n");
    }
    CHECK(desk({"history", "--since", "yesterday"}).code == kUsage);
    CHECK(desk({"history", "--status", "done"}).code == kUsage);
    CHECK(desk({"history", "--limit", "0"}).code == kUsage);
}

TEST_CASE("events says what came in and what became of it") {
    Desk desk;
    CHECK(desk({"events"}).err == "No events.\n");
    REQUIRE(desk({"sync", "postgres"}).code == kDone);
    const auto events = desk({"events", "--trigger", "manual", "--since", "1h"});
    CHECK_THAT(events.out,
               Contains("ID  VERDICT") && Contains("accepted") && Contains("deployment 1"));
    CHECK(desk({"events", "--until", "1h"}).out.empty());
    CHECK_THAT(desk({"events", "--json"}).out, Contains(R"("verdict":"accepted")"));
}

TEST_CASE("services shows the present state of every target") {
    Desk desk;
    REQUIRE(desk({"sync", "postgres"}).code == kDone);
    playEngine(desk.world, StepState::changed);
    REQUIRE(desk({"hold", "staging", "platform/redis", "--reason", "migration"}).code == kDone);
    const auto all = desk({"services", "--env", "staging"});
    CHECK_THAT(all.out, Contains("platform/postgres  changed  staging      aaaaaaaaaa"));
    CHECK_THAT(all.out, Contains("platform/redis     never    staging") && Contains(": migration"));
    CHECK_THAT(all.out, !Contains("production"));
    const auto one = desk({"services", "postgres"});
    CHECK_THAT(one.out, Contains("platform/postgres") && !Contains("redis"));
    CHECK_THAT(desk({"services", "platform/postgres", "--json"}).out,
               Contains(R"("id":"platform/postgres")"));
    CHECK(desk({"services", "mysql"}).code == kUsage);
}

TEST_CASE("plan asks one question, and shows what is deployed, skipped and held") {
    Desk desk(echo);
    const auto ref = desk({"plan", "production", "v1"});
    INFO(ref.err);
    CHECK(ref.code == kDone);
    CHECK_THAT(ref.err, Contains("To production at bbbbbbbbbb:"));
    CHECK_THAT(ref.out, Contains("platform/postgres  deploy  production|v1|||0"));
    CHECK_THAT(ref.out, Contains("bootstrap/vault    skip    deployed by hand"));
    CHECK_THAT(ref.out, Contains("platform/redis     held    held by ada: migration"));
    CHECK_THAT(desk({"plan", "--files", "a.yaml", "b.yaml"}).out, Contains("staging||||2"));
    CHECK_THAT(desk({"plan", "production", "--base", "v1", "--head", "v2"}).out,
               Contains("production||v1|v2|0"));
    CHECK_THAT(desk({"plan", "staging", "main", "--json"}).out, Contains(R"("held":true)"));

    CHECK(desk({"plan"}).code == kUsage);
    CHECK(desk({"plan", "staging"}).code == kUsage);
    CHECK_THAT(desk({"plan", "staging", "v1", "--files", "a"}).out, Contains("staging|v1|||1"));
    CHECK(desk({"plan", "staging", "v1", "--base", "a", "--head", "b"}).code == kUsage);
    CHECK(desk({"plan", "--base", "a", "--head", "b", "--files", "a"}).code == kUsage);
    CHECK_THAT(ref.err, Contains("nothing has been deployed yet"));
    CHECK(desk({"plan", "--base", "v1"}).code == kUsage);
    CHECK(desk({"plan", "--drift"}).code == kUsage);
    CHECK_THAT(desk({"plan", "moon", "v1"}).err, Contains("moon"));
    CHECK_THAT(desk({"plan", "--drift", "staging"}).err, Contains("nothing was ever deployed"));
}

TEST_CASE("plan --drift asks with a dry run what is not as it was deployed") {
    Desk desk;
    REQUIRE(desk({"sync", "postgres"}).code == kDone);
    playEngine(desk.world, StepState::unchanged);
    SECTION("one that has drifted") {
        auto engine =
            std::async(std::launch::async, [&] { playEngine(desk.world, StepState::changed); });
        const auto ended = desk({"plan", "--drift", "staging"});
        INFO(ended.err);
        CHECK(ended.code == kDone);
        CHECK_THAT(ended.out, Contains("platform/postgres  drifted  aaaaaaaaaa"));
        CHECK_THAT(desk({"show", "2"}).out, Contains("Deployment 2: success (dry run)"));
    }
    SECTION("one that cannot say") {
        auto engine =
            std::async(std::launch::async, [&] { playEngine(desk.world, StepState::failed); });
        const auto ended = desk({"plan", "--drift", "staging", "--json"});
        CHECK(ended.code == kFailed);
        CHECK_THAT(ended.out, Contains(R"("drift":"failed")"));
    }
}

TEST_CASE("a token opens what its role allows, and nothing after it is revoked") {
    Desk desk;
    const auto made = desk({"token", "create", "--name", "grafana", "--role", "read"});
    REQUIRE(made.code == kDone);
    CHECK_THAT(made.out, Catch::StartsWith("iac_"));
    CHECK_THAT(desk({"token", "list"}).out, Contains("grafana  valid   read") && !Contains("iac_"));
    CHECK(desk({"token", "create", "--name", "x", "--role", "king"}).code == kUsage);
    CHECK(desk({"token", "create", "--name", "grafana", "--role", "read"}).code == kUsage);
    {
        const Variable url("IAC_URL", "http://127.0.0.1:" + std::to_string(desk.world.port()));
        const Variable token("IAC_TOKEN", made.out.substr(0, made.out.find('\n')));
        // No configuration is needed, and none is read.
        const auto history = run({"history", "--config", "/nowhere.yaml"});
        INFO(history.err);
        CHECK(history.code == kDone);
        const auto refused = run({"sync", "postgres"});
        CHECK(refused.code == kUsage);
        CHECK_THAT(refused.err, Contains("role"));
        REQUIRE(desk({"token", "list"}).code == kUsage);
    }
    CHECK(desk({"token", "revoke", "grafana"}).out == "The token \"grafana\" is revoked.\n");
    CHECK_THAT(desk({"token", "list"}).out, Contains("grafana  revoked"));
    CHECK(desk({"token", "revoke", "grafana"}).code == kUsage);
    const Variable broken("IAC_TOKEN", "iac_x\r\nX-Role: admin");
    CHECK_THAT(desk({"history"}).err, Contains("IAC_TOKEN holds a space"));
}

}  // namespace iac::cli

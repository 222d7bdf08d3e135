#include "plugin/inside.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "unit/plugin/fixture.hpp"

namespace iac::plugin {
namespace {

using Catch::Matchers::Contains;

const Registry& registry() {
    static const PluginFolder folder({"inside"});
    static const Registry loaded({folder.path()});
    return loaded;
}

// Each case is true inside the process and in one of its own.
CallSettings settings;
#define IN_BOTH_PLACES() settings.own_process = GENERATE(false, true)

Trigger echo(std::string_view config = "{}") {
    return Trigger(registry().find("trigger", "test.echo"), config, settings);
}

TriggerVerdict ask(const Trigger& trigger, std::string_view body) {
    TriggerRequest request;
    request.method = "POST";
    request.path = "/echo";
    request.body = body;
    request.headers = {{"x-delivery", "d-1"}, {"x-delivery", "d-2"}};
    request.query = {{"by", "octocat"}};
    request.branch = "main";
    request.environment = "staging";
    return trigger.receive(request);
}

std::string whyFailed(std::string_view body) try {
    const auto verdict = ask(echo(), body);
    FAIL("it gave a verdict of the kind " << static_cast<int>(verdict.kind));
    return {};
} catch (const Failed& failed) {
    return failed.what();
}

}  // namespace

TEST_CASE("a trigger says which requests it answers", "[inside]") {
    IN_BOTH_PLACES();
    const auto routes = echo().routes();
    REQUIRE(routes.size() == 2);
    CHECK(routes[0].method == "POST");
    CHECK(routes[0].path == "/echo");
    CHECK(routes[1].method == "PUT");
    CHECK(routes[1].path == "/echo/again");
}

TEST_CASE("an event crosses the border with all it holds", "[inside]") {
    IN_BOTH_PLACES();
    const TriggerVerdict verdict = ask(echo(), "event");
    REQUIRE(verdict.kind == TriggerVerdict::Kind::event);
    const Event& event = verdict.event;
    CHECK(event.kind == EventKind::change);
    CHECK(event.delivery == "d-1");
    CHECK(event.environment == "staging");
    CHECK(event.ref == "refs/heads/main");
    CHECK(event.paths == std::vector<std::string>{"a", "b"});
    CHECK(event.paths_complete);
    CHECK(event.services.empty());
    CHECK(event.triggered_by == "octocat");
    CHECK_FALSE(event.dry_run);
    CHECK(verdict.wait_seconds == 5);
    CHECK(event.trigger.empty());
}

TEST_CASE("the other verdicts cross it too", "[inside]") {
    IN_BOTH_PLACES();
    const Trigger trigger = echo();
    auto verdict = ask(trigger, R"({"verdict":"ignore","reason":"not the branch"})");
    CHECK(verdict.kind == TriggerVerdict::Kind::ignored);
    CHECK(verdict.reason == "not the branch");

    verdict = ask(trigger, R"({"verdict":"reject","status":401,"reason":"wrong signature"})");
    CHECK(verdict.kind == TriggerVerdict::Kind::rejected);
    CHECK(verdict.status == 401);
    CHECK(verdict.reason == "wrong signature");

    verdict = ask(trigger, R"({"verdict":"answer","body":{"pong":[1,2]},"newer":"ignored"})");
    CHECK(verdict.kind == TriggerVerdict::Kind::answered);
    CHECK(verdict.body == R"({"pong":[1,2]})");

    verdict = ask(trigger, R"({"verdict":"event","kind":"request","tag":null})");
    CHECK(verdict.event.kind == EventKind::request);
    CHECK_FALSE(verdict.wait_seconds);
}

TEST_CASE("a trigger that calls the request senseless rejects it with 400", "[inside]") {
    IN_BOTH_PLACES();
    const auto verdict = ask(echo(), "parse");
    CHECK(verdict.kind == TriggerVerdict::Kind::rejected);
    CHECK(verdict.status == 400);
    CHECK_THAT(verdict.reason, Contains("not valid JSON"));
}

TEST_CASE("a trigger that fails, says nothing, or says nonsense has failed", "[inside]") {
    IN_BOTH_PLACES();
    CHECK_THAT(whyFailed("fail"),
               Contains("test.echo (/") && Contains("inside.so) failed: out of paper"));
    CHECK_THAT(whyFailed("throw"), Contains("failed: a defect"));
    CHECK_THAT(whyFailed("nothing"), Contains("gave 0 verdicts"));
    CHECK_THAT(whyFailed("twice"), Contains("gave 2 verdicts"));
    CHECK_THAT(whyFailed("not json"), Contains("emitted what is no result"));
    CHECK_THAT(whyFailed("[]"), Contains("not a JSON object"));
    CHECK_THAT(whyFailed("{}"), Contains("\"verdict\" is \"\""));
    CHECK_THAT(whyFailed(R"({"verdict":7})"), Contains("\"verdict\" is not a string"));
    CHECK_THAT(whyFailed(R"({"verdict":"event"})"), Contains("\"kind\" is \"\""));
    CHECK_THAT(whyFailed(R"({"verdict":"answer"})"), Contains("\"body\" is missing"));
}

TEST_CASE("every field of an event has its type", "[inside]") {
    IN_BOTH_PLACES();
    const auto with = [](const std::string& member) {
        return whyFailed(R"({"verdict":"event","kind":"change",)" + member + "}");
    };
    CHECK_THAT(with(R"("ref":1)"), Contains("\"ref\" is not a string"));
    CHECK_THAT(with(R"("paths":"a")"), Contains("\"paths\" is not an array of strings"));
    CHECK_THAT(with(R"("paths":["a",1])"), Contains("\"paths\" is not an array of strings"));
    CHECK_THAT(with(R"("paths_complete":"yes")"), Contains("\"paths_complete\" is not a boolean"));
    CHECK_THAT(with(R"("wait_seconds":"5")"), Contains("\"wait_seconds\" is not a number"));
    CHECK_THAT(with(R"("wait_seconds":-1)"), Contains("is not a whole number from 0"));
    CHECK_THAT(with(R"("wait_seconds":1.5)"), Contains("is not a whole number"));
    CHECK_THAT(whyFailed(R"({"verdict":"reject","status":200})"), Contains("from 400 to 499"));
    CHECK_THAT(whyFailed(R"({"verdict":"reject"})"), Contains("from 400 to 499"));
}

TEST_CASE("create() that fails, and a configuration that is none, are refused", "[inside]") {
    IN_BOTH_PLACES();
    CHECK_THROWS_AS(echo(R"({"fail_create":true})"), Refused);
    CHECK_THROWS_WITH(echo(R"({"fail_create":true})"),
                      Contains("test.echo: create() failed: no secret"));
    CHECK_THROWS_WITH(echo("{"), Contains("test.echo: its configuration cannot be read"));
}

TEST_CASE("calls of a plugin that is not concurrent never overlap", "[inside]") {
    settings.own_process = false;
    const Trigger trigger = echo();
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < 5; ++j) ask(trigger, "overlapped");
        });
    for (auto& thread : threads) thread.join();
    CHECK(ask(trigger, "overlapped").reason == "no");
}

TEST_CASE("a mapper says services and skips, in its order", "[inside]") {
    IN_BOTH_PLACES();
    const Mapper mapper(registry().find("mapper", "test.by-first"), "{}", settings);
    const std::vector<Mapped> expected{
        {"web", "web/a", false, "2"},
        {"bootstrap", "bootstrap/x", true, "never deploys itself in staging"},
        {"db", "db/\"b\"", false, "2"},
    };
    CHECK(mapper.map({"web/a", "bootstrap/x", "db/\"b\""}, {"web", "db"}, "staging") == expected);
    CHECK(mapper.map({}, {}, "").empty());
    CHECK_THROWS_WITH(mapper.map({"fail"}, {}, ""), Contains("that path is not for me"));
}

TEST_CASE("what a mapper says is checked as well", "[inside]") {
    IN_BOTH_PLACES();
    const Mapper mapper(registry().find("mapper", "test.raw-mapper"), "{}", settings);
    CHECK_THROWS_AS(mapper.map({"nonsense"}, {}, ""), Failed);
    CHECK_THROWS_WITH(mapper.map({R"({"path":"x"})"}, {}, ""), Contains("neither a service nor"));
    CHECK_THROWS_WITH(mapper.map({R"({"service":["x"]})"}, {}, ""), Contains("is not a string"));
    CHECK(mapper.map({R"({"service":"x","path":null})"}, {}, "").front().path.empty());
}

TEST_CASE("the body of a request crosses the border byte by byte", "[inside]") {
    IN_BOTH_PLACES();
    const auto length = [](std::string_view body) { return ask(echo(), body).reason; };
    CHECK(length("hex 1") == "6865782031");
    CHECK(length("hex \xff\xfe\xc3\x28") == "68657820fffec328");
    CHECK(length(std::string_view("hex \0\"\\\n", 8)) == "6865782000225c0a");
}

TEST_CASE("a crash in a process of its own fails that call alone", "[inside]") {
    settings = {Duration{60'000}, true};
    const Trigger trigger = echo();
    CHECK_THROWS_WITH(ask(trigger, "crash raise"),
                      Contains("test.echo crashed: Segmentation fault (/"));
    CHECK_THROWS_AS(ask(trigger, "crash terminate"), Failed);
    CHECK(ask(trigger, "event").kind == TriggerVerdict::Kind::event);
    const Mapper mapper(registry().find("mapper", "test.by-first"), "{}", settings);
    CHECK_THROWS_WITH(mapper.map({"crash raise"}, {}, ""), Contains("test.by-first crashed"));
    CHECK(mapper.map({"web/a"}, {}, "").front().service == "web");
    settings = {};
}

TEST_CASE("a call that hangs in a process of its own is ended, and nothing is stuck", "[inside]") {
    settings = {Duration{500}, true};
    const Trigger trigger = echo();
    CHECK_THROWS_AS(ask(trigger, "hang"), Unanswered);
    CHECK_THROWS_AS(ask(trigger, "await cancel"), Unanswered);
    CHECK(stuckCalls().empty());
    settings = {};
}

TEST_CASE("a stop ends a call in a process of its own", "[inside]") {
    settings = {Duration{600'000}, true};
    const Trigger trigger = echo();
    std::thread stopper([&] { trigger.stop(); });
    CHECK_THROWS_AS(ask(trigger, "hang"), Stopped);
    stopper.join();
    CHECK_THROWS_AS(ask(trigger, "event"), Stopped);
    settings = {};
}

TEST_CASE("a mapper says more than a step may", "[inside]") {
    IN_BOTH_PLACES();
    const Mapper mapper(registry().find("mapper", "test.by-first"), "{}", settings);
    std::vector<std::string> paths;
    for (int i = 0; i < 3'000; ++i) paths.push_back("web/" + std::to_string(i));
    CHECK(mapper.map(paths, {}, "").size() == paths.size());
}

}  // namespace iac::plugin

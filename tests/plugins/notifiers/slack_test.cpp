// iac.slack with a bot token, against a Slack of our own over HTTP.
#include <iac/plugin.h>

#include <catch2/catch.hpp>

#include "notified.hpp"
#include "plugins/fakes/fake_slack.hpp"

using namespace iac;
using Catch::Contains;
using fakes::FakeSlack;
using test::Told;

namespace {

std::string config(const FakeSlack& slack, const std::string& more = "",
                   const std::string& channel = FakeSlack::kChannel,
                   const std::string& token = FakeSlack::kToken) {
    return R"({"token": ")" + token + R"(", "channel": ")" + channel + R"(", "api_url": ")" +
           slack.apiUrl() + "\"" + (more.empty() ? "" : ", " + more) + "}";
}

Told told(const char* event, const char* status, std::vector<std::string> services) {
    Told one;
    one.event = event;
    one.status = status;
    one.services = std::move(services);
    return one;
}

Told failed() {
    Told one = told("deployment.finished", "failed", {"changed", "failed", "skipped"});
    one.summary = "invoke service1.sync ended with exit code 7";
    one.next_action = "Free the port 5432 on the host.";
    one.log_tail = "starting\nport 5432 is taken\n";
    return one;
}

const char* const kCallHere = R"("mention": ["<!here>", "U012AB3CD"])";

}  // namespace

TEST_CASE("slack: a deployment is one message, edited as it moves") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", config(slack));
    const auto queued = notifier.tell(told("deployment.queued", "queued", {"pending", "pending"}));
    CHECK(queued.status == IAC_OK);
    CHECK(queued.answer == "Slack posted it in C012AB3CD as 1700000000.100001");
    REQUIRE(slack.messages().size() == 1);
    CHECK(slack.messages()[0].text == "🕓 Deployment 1042 to production is waiting");

    CHECK(notifier.tell(told("deployment.step", "running", {"changed", "running"})).answer ==
          "Slack changed its message 1700000000.100001 in C012AB3CD");
    REQUIRE(slack.messages().size() == 1);
    CHECK(slack.messages()[0].text == "🔄 Deployment 1042 to production is running: 1 of 2");

    notifier.tell(told("deployment.finished", "success", {"changed", "unchanged"}));
    REQUIRE(slack.messages().size() == 1);
    CHECK(slack.messages()[0].edits == 2);
    CHECK(slack.messages()[0].text == "✅ Deployment 1042 to production succeeded");
}

TEST_CASE("slack: a message says what, where, who, how long, each service and where to read on") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", config(slack));
    notifier.tell(told("deployment.finished", "success", {"changed", "unchanged"}));
    REQUIRE(slack.messages().size() == 1);
    const std::string json = slack.messages()[0].json;
    for (const char* part :
         {"✅ Deployment 1042 to production succeeded", "Give postgres more memory", "8f3c2a1",
          "https://github.com/octo/infra/commit/"
          "8f3c2a1d8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b",
          "/compare/"
          "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d...8f3c2a1d8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b",
          "(main)", "octocat", "(github)", "12.3 s", "platform/service0",
          " changed: two containers", " unchanged: two containers",
          "https://deploy.example.com/deployments/1042/log"}) {
        INFO(json);
        CHECK(json.find(part) != std::string::npos);
    }
}

TEST_CASE("slack: a failure is told in the thread, with its log and what to do, once") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", config(slack));
    notifier.tell(told("deployment.started", "running", {"running", "pending", "pending"}));
    notifier.tell(failed());
    notifier.tell(failed());  // delivered again, after a crash
    const auto messages = slack.messages();
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].text ==
          "❌ Deployment 1042 to production failed: invoke service1.sync ended with exit code 7");
    CHECK(messages[1].thread_ts == messages[0].ts);
    CHECK_FALSE(messages[1].broadcast);
    CHECK_THAT(messages[1].json, Contains("starting\\nport 5432 is taken") &&
                                     Contains("Free the port 5432 on the host."));
    CHECK_THAT(messages[0].json, !Contains("port 5432 is taken"));
}

TEST_CASE("slack: a failure in production calls who is to be called, where it is heard") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", config(slack, kCallHere));
    SECTION("in a message of its own, shown in the channel: nobody hears of an edited one") {
        notifier.tell(told("deployment.started", "running", {"running", "pending", "pending"}));
        notifier.tell(failed());
        const auto messages = slack.messages();
        REQUIRE(messages.size() == 2);
        CHECK_THAT(messages[0].json, !Contains("broadcast"));
        CHECK(messages[1].broadcast);
        CHECK_THAT(messages[1].json,
                   Contains(R"("range":"here")") && Contains(R"("user_id":"U012AB3CD")"));
    }
    SECTION("in the message itself when it is the first") {
        notifier.tell(failed());
        const auto messages = slack.messages();
        REQUIRE(messages.size() == 2);
        CHECK_THAT(messages[0].json, Contains(R"("range":"here")"));
        CHECK_FALSE(messages[1].broadcast);
        CHECK_THAT(messages[1].json, !Contains(R"("range":"here")"));
    }
    SECTION("not for another environment, a sample or a success") {
        Told staging = failed();
        staging.environment = "staging";
        notifier.tell(staging);
        notifier.forget();
        Told sample = failed();
        sample.sample = true;
        notifier.tell(sample);
        notifier.forget();
        notifier.tell(told("deployment.finished", "success", {"changed"}));
        for (const auto& message : slack.messages()) {
            CHECK_THAT(message.json, !Contains("\"here\""));
            CHECK_FALSE(message.broadcast);
        }
    }
}

TEST_CASE("slack: that a failure is over is heard too") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", config(slack));
    notifier.tell(told("deployment.queued", "queued", {"pending"}));
    notifier.tell(told("deployment.recovered", "success", {"changed"}));
    const auto messages = slack.messages();
    REQUIRE(messages.size() == 2);
    CHECK(messages[1].text == "✅ Deployment 1042 to production succeeded: the failure is over");
    CHECK(messages[1].broadcast);
    CHECK(messages[1].thread_ts == messages[0].ts);
}

TEST_CASE("slack: a message that is gone is posted anew") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", config(slack));
    notifier.tell(told("deployment.queued", "queued", {"pending"}));
    slack.remove(slack.messages()[0].ts);
    CHECK(notifier.tell(told("deployment.finished", "success", {"changed"})).status == IAC_OK);
    REQUIRE(slack.messages().size() == 1);
    CHECK(slack.messages()[0].text == "✅ Deployment 1042 to production succeeded");
    SECTION("and one that may not be edited any more too") {
        slack.http().next(FakeSlack::methodError("edit_window_closed"));
        notifier.tell(told("deployment.finished", "success", {"changed"}));
        CHECK(slack.messages().size() == 2);
    }
}

TEST_CASE("slack: what was posted is remembered when the thread cannot be written to") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", config(slack));
    notifier.tell(told("deployment.queued", "queued", {"pending"}));
    slack.http().next({200, R"({"ok": true, "channel": "C012AB3CD", "ts": "1700000000.100001"})"});
    slack.http().next(FakeSlack::rateLimited(30));
    const auto busy = notifier.tell(failed());
    CHECK(busy.status == IAC_RETRY);
    CHECK(busy.retry_after == 30.0);
    CHECK(busy.message ==
          "Slack did not take it: too many messages for now (ratelimited); it asks to wait 30 s");
    CHECK(notifier.tell(failed()).status == IAC_OK);
    CHECK(slack.messages().size() == 2);
}

TEST_CASE("slack: blocks that Slack refuses are replaced by one line") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", config(slack));
    slack.http().next(
        {200,
         R"({"ok": false, "error": "invalid_blocks", "response_metadata": {"messages": ["[ERROR] no more than 5 items"]}})"});
    const auto posted = notifier.tell(failed());
    CHECK(posted.status == IAC_OK);
    CHECK_THAT(posted.all, Contains("it does not take the blocks (invalid_blocks): \"[ERROR] no "
                                    "more than 5 items\"; it gets one line instead"));
    REQUIRE_FALSE(slack.messages().empty());
    CHECK(slack.messages()[0].text ==
          "Deployment 1042: failed https://deploy.example.com/deployments/1042");
    slack.http().next(FakeSlack::methodError("invalid_blocks"));
    slack.http().next(FakeSlack::methodError("msg_too_long"));
    CHECK(notifier.tell(failed()).status == IAC_FAILED);
}

TEST_CASE("slack: each error is a sentence, a next action, and tried again only where it passes") {
    FakeSlack slack;
    struct Case {
        const char* error;
        std::int32_t status;
        const char* next;
    };
    for (const Case& one : {Case{"invalid_auth", IAC_FAILED, "Bot User OAuth Token"},
                            Case{"token_revoked", IAC_FAILED, "Bot User OAuth Token"},
                            Case{"missing_scope", IAC_FAILED, "chat:write"},
                            Case{"not_in_channel", IAC_FAILED, "/invite"},
                            Case{"is_archived", IAC_FAILED, "Unarchive"},
                            Case{"channel_not_found", IAC_FAILED, "`channel`"},
                            Case{"account_inactive", IAC_FAILED, "Install the app again"},
                            Case{"internal_error", IAC_RETRY, "tried again"},
                            Case{"fatal_error", IAC_RETRY, "tried again"},
                            Case{"rate_limited", IAC_RETRY, "tried again"},
                            Case{"something_new", IAC_FAILED, "documentation"}}) {
        INFO(one.error);
        slack.http().next(FakeSlack::methodError(one.error));
        test::NotifierInTest notifier("iac.slack", config(slack));
        const auto result = notifier.tell(failed());
        CHECK(result.status == one.status);
        CHECK_THAT(result.message, Contains(one.error));
        CHECK_THAT(result.next_action, Contains(one.next));
        CHECK(result.memory.empty());
        CHECK_THAT(result.all, !Contains(FakeSlack::kToken));
    }
    CHECK(slack.messages().empty());
}

TEST_CASE("slack: a wrong token, an archived channel and one without the app end at once") {
    FakeSlack slack;
    const auto message = [&](const std::string& with) {
        test::NotifierInTest notifier("iac.slack", with);
        const auto result = notifier.tell(failed());
        CHECK(result.status == IAC_FAILED);
        CHECK_THAT(result.all, !Contains("xoxb-1") && !Contains("xoxb-w"));
        return result.message;
    };
    CHECK(message(config(slack, "", FakeSlack::kChannel, "xoxb-wrong")) ==
          "Slack did not take it: the token is not valid (invalid_auth)");
    CHECK(message(config(slack, "", FakeSlack::kArchived)) ==
          "Slack did not take it: the channel is archived (is_archived)");
    CHECK(message(config(slack, "", FakeSlack::kNotIn)) ==
          "Slack did not take it: the app is not in the channel (not_in_channel)");
    CHECK(message(config(slack, "", "C0NOWHERE")) ==
          "Slack did not take it: there is no such channel, or the app may not see it "
          "(channel_not_found)");
}

TEST_CASE("slack: a Slack that is down, or is none, ends in a true state") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", config(slack));
    slack.http().next({503, "<html>upstream</html>", "text/html"});
    const auto down = notifier.tell(failed());
    CHECK(down.status == IAC_RETRY);
    CHECK(down.message == "Slack answered 503");
    CHECK_FALSE(down.retry_after);

    slack.http().next({200, "<html>welcome to the proxy</html>", "text/html"});
    const auto proxy = notifier.tell(failed());
    CHECK(proxy.status == IAC_FAILED);
    CHECK(proxy.message == "Slack's answer is not understood: it is not the JSON of its methods");

    slack.http().next({302, "", "text/html", {{"Location", "https://elsewhere.example"}}});
    CHECK(notifier.tell(failed()).message == "Slack answered 302");

    test::NotifierInTest nowhere(
        "iac.slack",
        R"({"token": "xoxb-1", "channel": "C1", "api_url": "http://127.0.0.1:1/api"})");
    const auto unreachable = nowhere.tell(failed());
    CHECK(unreachable.status == IAC_RETRY);
    CHECK_THAT(unreachable.message, Contains("http://127.0.0.1:1 got no answer"));
}

TEST_CASE("slack: what it remembers may be anything, and is then nothing") {
    FakeSlack slack;
    for (const char* memory : {"x", "[]", "{}", R"({"channel": 1, "ts": []})", "null"}) {
        INFO(memory);
        const Told one = told("deployment.finished", "success", {"changed"});
        test::NotifierInTest notifier("iac.slack", config(slack));
        notifier.recall(memory);
        const auto before = slack.messages().size();
        CHECK(notifier.tell(one).status == IAC_OK);
        CHECK(slack.messages().size() == before + 1);
    }
}

TEST_CASE("slack: title and body are templates, and a field is never read as one") {
    FakeSlack slack;
    test::NotifierInTest notifier(
        "iac.slack",
        config(
            slack,
            R"("title": "{environment}/{short_revision}", "body": "{subject} by {triggered_by}")"));
    Told one = told("deployment.finished", "success", {"changed"});
    one.subject = "{environment} <!channel>";
    notifier.tell(one);
    REQUIRE(slack.messages().size() == 1);
    CHECK(slack.messages()[0].text == "production/8f3c2a1");
    CHECK_THAT(slack.messages()[0].json, Contains("{environment} <!channel> by octocat"));
}

TEST_CASE("slack: a configuration that makes no sense is refused with its setting") {
    const auto refusal = [](const std::string& with) {
        return test::NotifierInTest("iac.slack", with).refusal();
    };
    const std::string hook =
        R"({"webhook_url": "https://hooks.slack.com/services/T/B/secretsecret", )";
    CHECK(refusal(hook + R"("title": "{what} {enviroment}"})")
              .starts_with("title: at character 8 there is no field {enviroment}; there are: "));
    CHECK_THAT(refusal(hook + R"("body": "{"})"), Contains("body: at character 1"));
    CHECK_THAT(refusal(hook + R"("mention": "@everybody"})"),
               Contains("mention: \"@everybody\" is nobody that Slack knows"));
    CHECK(refusal(hook + R"("mention": ["<@U012AB3CD>", "<!subteam^S012AB3CD>", "@channel"]})")
              .empty());
    CHECK(refusal(R"({"webhook_url": "http://hooks.slack.com/services/T/B/secretsecret"})") ==
          "webhook_url: it has to begin with https://: what is sent there is secret");
    CHECK(refusal(R"({"webhook_url": "hooks.slack.com/services/T/B/secretsecret"})") ==
          "webhook_url: it is no address that begins with https://");
    CHECK(refusal(R"({"token": "x", "channel": "C1", "api_url": "https://a b/"})") ==
          "api_url: the address holds a space or another character that no address has");
    CHECK(refusal(R"({"token": "x\ny", "channel": "C1"})") ==
          "token: it holds a line end or another control character");
    CHECK(refusal("{}") == "give either webhook_url, or token and channel");
}

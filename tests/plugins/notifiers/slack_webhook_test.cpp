// iac.slack with an incoming webhook, against a Slack of our own over HTTP.
#include <iac/plugin.h>

#include <catch2/catch.hpp>

#include "notified.hpp"
#include "plugins/fakes/fake_slack.hpp"

using namespace iac;
using Catch::Contains;
using fakes::FakeSlack;
using test::Told;

namespace {

std::string config(const std::string& url, const std::string& more = "") {
    return R"({"webhook_url": ")" + url + "\"" + (more.empty() ? "" : ", " + more) + "}";
}

Told told(const char* event, const char* status) {
    Told one;
    one.event = event;
    one.status = status;
    one.log_tail = "port 5432 is taken\n";
    one.next_action = "Free the port.";
    return one;
}

}  // namespace

TEST_CASE("slack webhook: one message at the end, with the log of a failure") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", config(slack.hookUrl()));
    CHECK(notifier.tell(told("deployment.queued", "queued")).answer ==
          "nothing is sent now: a webhook is told of the end");
    notifier.tell(told("deployment.started", "running"));
    notifier.tell(told("deployment.step", "running"));
    CHECK(slack.messages().empty());
    const auto end = notifier.tell(told("deployment.finished", "failed"));
    CHECK(end.status == IAC_OK);
    CHECK(end.answer == "Slack answered \"ok\"");
    CHECK(end.memory.empty());
    REQUIRE(slack.messages().size() == 1);
    CHECK(slack.messages()[0].text == "❌ Deployment 1042 to production failed");
    CHECK_THAT(slack.messages()[0].json,
               Contains("port 5432 is taken") && Contains("Free the port."));
}

TEST_CASE("slack webhook: a message at the start where that is asked for") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", config(slack.hookUrl(), R"("at_start": true)"));
    notifier.tell(told("deployment.queued", "queued"));
    notifier.tell(told("deployment.started", "running"));
    notifier.tell(told("deployment.step", "running"));
    REQUIRE(slack.messages().size() == 1);
    CHECK(slack.messages()[0].text == "🔄 Deployment 1042 to production is running: 1 of 1");
}

TEST_CASE("slack webhook: a failure calls who is to be called, in the message") {
    FakeSlack slack;
    test::NotifierInTest notifier(
        "iac.slack", config(slack.hookUrl(),
                            R"("mention": "S012AB3CD", "mention_in": ["staging", "production"])"));
    notifier.tell(told("deployment.finished", "failed"));
    REQUIRE(slack.messages().size() == 1);
    CHECK_THAT(slack.messages()[0].json, Contains(R"("usergroup_id":"S012AB3CD")"));
}

TEST_CASE("slack webhook: each error is a sentence without the address") {
    FakeSlack slack;
    struct Case {
        int http;
        const char* body;
        std::int32_t status;
        const char* message;
    };
    for (const Case& one : {
             Case{404, "no_service", IAC_FAILED,
                  "Slack did not take it: the webhook was removed or never existed (no_service)"},
             Case{403, "action_prohibited", IAC_FAILED,
                  "Slack did not take it: an administrator does not let the app post there "
                  "(action_prohibited)"},
             Case{410, "channel_is_archived", IAC_FAILED,
                  "Slack did not take it: the channel is archived (channel_is_archived)"},
             Case{500, "rollup_error", IAC_RETRY,
                  "Slack did not take it: an error of its own (rollup_error)"},
             Case{502, "<html>bad gateway</html>", IAC_RETRY, "Slack answered 502"},
             Case{404, "<html>not found</html>", IAC_FAILED, "Slack answered 404"},
         }) {
        INFO(one.message);
        slack.http().next({one.http, one.body, "text/html"});
        test::NotifierInTest notifier("iac.slack", config(slack.hookUrl()));
        const auto result = notifier.tell(told("deployment.finished", "failed"));
        CHECK(result.status == one.status);
        CHECK(result.message == one.message);
        CHECK_THAT(result.all, !Contains("/services/"));
    }
    slack.http().next(FakeSlack::rateLimited(17));
    test::NotifierInTest busy("iac.slack", config(slack.hookUrl()));
    const auto result = busy.tell(told("deployment.finished", "failed"));
    CHECK(result.status == IAC_RETRY);
    CHECK(result.retry_after == 17.0);

    const std::string base = slack.hookUrl().substr(0, slack.hookUrl().find("/services"));
    for (const char* path : {"/services/T/B/wrong", FakeSlack::kArchivedHookPath}) {
        test::NotifierInTest wrong("iac.slack", config(base + path));
        const auto refused = wrong.tell(told("deployment.finished", "failed"));
        CHECK(refused.status == IAC_FAILED);
        CHECK_FALSE(refused.next_action.empty());
        CHECK_THAT(refused.all, !Contains(path));
    }
}

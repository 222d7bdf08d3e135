// The vendors' own clients and descriptions judge the fakes, and what the notifiers send
// (tests/plugins/referees).
#include <Poco/JSON/Array.h>
#include <iac/plugin.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "fixtures/folder.hpp"
#include "model/json.hpp"
#include "notified.hpp"
#include "plugins/fakes/fake_github.hpp"
#include "plugins/fakes/fake_slack.hpp"
#include "plugins/referee.hpp"

using namespace iac;
using fakes::FakeGitHub;
using fakes::FakeSlack;
using test::Told;

namespace {

std::string text(const Poco::JSON::Array::Ptr& array) {
    std::ostringstream out;
    array->stringify(out);
    return out.str();
}

}  // namespace

TEST_CASE("referees: Slack's own clients understand the fake Slack") {
    FakeSlack slack;
    auto fake = jsonObject();
    fake->set("api", slack.apiUrl());
    fake->set("token", std::string(FakeSlack::kToken));
    fake->set("channel", std::string(FakeSlack::kChannel));
    fake->set("archived", std::string(FakeSlack::kArchived));
    fake->set("not_in", std::string(FakeSlack::kNotIn));
    fake->set("busy", std::string(FakeSlack::kBusy));
    fake->set("hook", std::string(FakeSlack::kHookPath));
    fake->set("archived_hook", std::string(FakeSlack::kArchivedHookPath));
    test::askReferee("slack.mjs", {jsonText(fake)});
}

TEST_CASE("referees: GitHub's own description takes every request of github-status") {
    FakeGitHub github;
    for (const char* status :
         {"queued", "running", "success", "failed", "cancelled", "superseded"}) {
        for (const char* subject : {"Give postgres more memory", "<b> \" \\ \n 日本語 🎉 {id}"}) {
            test::NotifierInTest notifier(
                "iac.github-status",
                R"({"token": ")" + std::string(FakeGitHub::kToken) + R"(", "api_url": ")" +
                    github.apiUrl() +
                    R"(", "title": "{what} {outcome} {subject} {services}", "environment_urls": {"production": "https://example.com"}})");
            Told told;
            told.status = status;
            told.subject = subject;
            told.services.assign(200, "changed");
            CHECK(notifier.tell(told).status == IAC_OK);
            told.revision = std::string(40, 'a');  // a commit that GitHub does not know
            const bool marks =
                std::string_view(status) != "queued" && std::string_view(status) != "superseded";
            CHECK(notifier.tell(told).status == (marks ? IAC_FAILED : IAC_OK));
            told.sample = true;
            CHECK(notifier.tell(told).status == IAC_OK);
        }
    }
    Poco::JSON::Array::Ptr exchanges = new Poco::JSON::Array;
    for (const auto& [request, answer] : github.http().exchanges()) {
        auto exchange = jsonObject();
        exchange->set("method", request.method);
        exchange->set("path", request.path);
        exchange->set("body", request.body);
        exchange->set("status", answer.status);
        exchange->set("answer", answer.body);
        exchanges->add(exchange);
    }
    const fixtures::Folder folder;
    fixtures::writeFile(folder / "exchanges.json", text(exchanges));
    test::askReferee("github.mjs", {(folder / "exchanges.json").string()});
}

TEST_CASE("referees: the library of receivers verifies what the webhook signs") {
    const std::string secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                      other = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY";
    fakes::HttpFake receiver([](const fakes::HttpRequest&) { return fakes::HttpAnswer{204, ""}; });
    test::NotifierInTest notifier("iac.webhook", R"({"url": ")" + receiver.url() +
                                                     R"(", "secret": [")" + secret + R"(", ")" +
                                                     other + "\"]}");
    for (const char* subject : {"Give postgres more memory", "<b> \" \\ \n 日本語 🎉"}) {
        Told told;
        told.subject = subject;
        CHECK(notifier.tell(told).status == IAC_OK);
    }
    Poco::JSON::Array::Ptr deliveries = new Poco::JSON::Array;
    for (const auto& request : receiver.requests()) {
        for (const auto& one : {secret, other}) {
            auto delivery = jsonObject(), headers = jsonObject();
            for (const auto& [name, value] : request.headers) headers->set(name, value);
            delivery->set("secret", one);
            delivery->set("headers", headers);
            delivery->set("body", request.body);
            deliveries->add(delivery);
        }
    }
    const fixtures::Folder folder;
    fixtures::writeFile(folder / "deliveries.json", text(deliveries));
    test::askReferee("webhook.mjs", {(folder / "deliveries.json").string()});
}

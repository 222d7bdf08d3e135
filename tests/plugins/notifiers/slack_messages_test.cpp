// Every message that iac.slack can produce, held against Slack's limits: ours always (the fake
// takes no other), and the strict schema made from Slack's own types where it lies beside the
// project.
#include <Poco/JSON/Array.h>
#include <iac/plugin.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "config/validate.hpp"
#include "fixtures/folder.hpp"
#include "notified.hpp"
#include "plugins/fakes/fake_slack.hpp"
#include "plugins/fakes/slack_limits.hpp"

using namespace iac;
using fakes::FakeSlack;
using test::Told;

namespace {

const std::filesystem::path kSchema =
    IAC_SOURCE_DIR "/../shared/data/slack/message.strict.schema.json";

const char* const kHostile =
    "<!channel> <@U012AB3CD> <https://evil.example|click> *b* _i_ ~s~ `c` ```x``` :tada: & &lt; "
    "{subject} \\ \" ' \x1b[31m\n> quote \u202Etxt.exe #general @here";

std::string repeated(const std::string& text, std::size_t characters) {
    std::string all;
    while (all.size() < characters) all += text;
    return all;
}

struct State {
    const char* event;
    const char* status;
    const char* service;  ///< the state of most of its services
};
constexpr State kStates[] = {
    {"deployment.queued", "queued", "pending"},
    {"deployment.started", "running", "running"},
    {"deployment.finished", "success", "changed"},
    {"deployment.recovered", "success", "unchanged"},
    {"deployment.finished", "failed", "failed"},
    {"deployment.finished", "cancelled", "cancelled"},
    {"deployment.finished", "superseded", "skipped"},
};

// A deployment whose every text is that one.
Told deployment(const State& state, std::size_t services, const std::string& text) {
    Told told;
    told.event = state.event;
    told.status = state.status;
    told.services.assign(services, state.service);
    if (services > 1) told.services[1] = "failed";
    if (services > 2) told.services[services - 1] = "skipped";
    if (text.empty()) return told;
    told.subject = told.summary = told.next_action = told.service_summary = text;
    told.triggered_by = told.ref = told.environment = text;
    told.log_tail = text + "\n" + text;
    return told;
}

std::vector<std::string> texts() {
    return {"", kHostile, repeated("long 日本語 🎉 e\u0301 \"\\ ", 5'000),
            repeated("\"\\\n", 30'000)};
}

// Judges what was sent, whatever was answered to it.
class Judge {
public:
    Judge() {
        if (std::filesystem::exists(kSchema))
            schema_ = test::parseObject(fixtures::readFile(kSchema));
    }
    bool hasSchema() const { return !schema_.isNull(); }

    void operator()(const std::string& json) {
        auto message = test::parseObject(json);
        INFO(json.substr(0, 3'000));
        CHECK(fakes::slackFaults(message) == std::vector<std::string>());
        if (!hasSchema()) return;
        message->remove("ts");  // of an edit; the schema is that of a new message
        if (!message->has("channel")) message->set("channel", "C012AB3CD");
        std::string found;
        for (const auto& one : config::validate(schema_, message)) found += one.words + "\n";
        CHECK(found == "");
    }

private:
    Poco::JSON::Object::Ptr schema_;
};

void judgeAll(const std::string& config, FakeSlack& slack) {
    Judge judge;
    std::size_t judged = 0;
    for (const State& state : kStates) {
        for (const std::size_t services : {0u, 1u, 7u, 200u}) {
            for (const auto& text : texts()) {
                INFO(state.event << " " << state.status << " " << services);
                test::NotifierInTest notifier("iac.slack", config);
                Told told = deployment(state, services, text);
                const auto result = notifier.tell(told);
                INFO(result.message);
                CHECK(result.status == IAC_OK);
                const auto requests = slack.http().requests();
                for (; judged < requests.size(); ++judged) judge(requests[judged].body);
            }
        }
    }
    CHECK(judged >= 2 * 4 * 4);
    if (!judge.hasSchema()) WARN("skipped: Slack's strict schema is not there (" << kSchema << ")");
}

}  // namespace

TEST_CASE("slack messages: whatever happens, what a bot sends is within Slack's limits") {
    FakeSlack slack;
    judgeAll(R"({"token": ")" + std::string(FakeSlack::kToken) +
                 R"(", "channel": "C012AB3CD", "api_url": ")" + slack.apiUrl() +
                 R"(", "mention": ["@here", "U012AB3CD", "S012AB3CD"]})",
             slack);
}

TEST_CASE("slack messages: whatever happens, what a webhook gets is within Slack's limits") {
    FakeSlack slack;
    judgeAll(R"({"webhook_url": ")" + slack.hookUrl() +
                 R"(", "at_start": true, "title": "{what} {id} {subject} {services}", )"
                 R"("body": "{subject} {summary} {next_action} {services}"})",
             slack);
}

TEST_CASE("slack messages: text of others brings in no mention, link or formatting") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", R"({"webhook_url": ")" + slack.hookUrl() + R"("})");
    notifier.tell(deployment(kStates[4], 3, kHostile));
    REQUIRE(slack.messages().size() == 1);
    const auto message = test::parseObject(slack.messages()[0].json);
    // `text` is the one place where Slack reads markup.
    const auto text = message->getValue<std::string>("text");
    CHECK(text.find_first_of("<>\n\x1b") == std::string::npos);
    CHECK(text.find("&lt;!channel&gt;") != std::string::npos);
    CHECK_FALSE(message->getValue<bool>("mrkdwn"));
    // In the blocks every text is plain, every link one of ours, and nobody is mentioned.
    const std::string json = slack.messages()[0].json;
    for (const char* type :
         {"\"mrkdwn\",", "\"broadcast\"", "\"user\"", "\"emoji\":true", "evil.example\",\"text"})
        CHECK(json.find(type) == std::string::npos);
    CHECK(json.find("\u202E") == std::string::npos);
    for (auto at = json.find("\"url\":\""); at != json.npos; at = json.find("\"url\":\"", at + 1)) {
        const std::string url = json.substr(at + 7, 30);
        CHECK((url.starts_with("https://deploy.example.com") ||
               url.starts_with("https://github.com/octo/")));
    }
}

TEST_CASE(
    "slack messages: of two hundred services the failed ones are shown, and the rest counted") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", R"({"webhook_url": ")" + slack.hookUrl() + R"("})");
    Told told;
    told.status = "failed";
    told.services.assign(200, "changed");
    told.services[150] = "failed";
    told.services[151] = "skipped";
    notifier.tell(told);
    REQUIRE(slack.messages().size() == 1);
    const std::string json = slack.messages()[0].json;
    CHECK(json.find("platform/service150") < json.find("platform/service0\""));
    CHECK(json.find("and 170 more: 169 changed, 1 skipped") != std::string::npos);
}

TEST_CASE("slack messages: a sample says that it is one") {
    FakeSlack slack;
    test::NotifierInTest notifier("iac.slack", R"({"webhook_url": ")" + slack.hookUrl() + R"("})");
    Told told;
    told.sample = true;
    notifier.tell(told);
    REQUIRE(slack.messages().size() == 1);
    CHECK(slack.messages()[0].text == "✅ Sample: Deployment 1042 to production succeeded");
}

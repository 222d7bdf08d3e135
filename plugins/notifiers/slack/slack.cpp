// iac.slack: one message for each deployment, edited as it moves, with a bot token; or one message
// at the end, with an incoming webhook.

#include <algorithm>
#include <iac/plugin.hpp>

#include "../exchange.hpp"
#include "mention.hpp"
#include "message.hpp"
#include "posting.hpp"

namespace {

using iac::notifiers::News;
using iac::notifiers::Template;
namespace notifiers = iac::notifiers;
namespace slack = iac::slack;

std::vector<std::string> oneOrMore(const iac::Value& config, const char* setting) {
    const auto value = config.find<iac::Value>(setting);
    if (!value) return {};
    if (value->isArray()) return config.get<std::vector<std::string>>(setting);
    return {config.get<std::string>(setting)};
}

Template templateOf(const iac::Value& config, const char* setting, const char* otherwise) {
    return {setting, config.get<std::string>(setting, otherwise), notifiers::fieldNames()};
}

class Slack final : public iac::Notifier {
public:
    static constexpr iac::Info info{"iac.slack", "1.0.0",
                                    "Tells a Slack channel about deployments"};
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "token": {
                "type": "string", "minLength": 1, "writeOnly": true,
                "description": "The app's Bot User OAuth Token, with the scope chat:write: one message for each deployment, edited as it moves, and its failure in the thread.",
                "examples": ["xoxb-1"]},
            "channel": {
                "type": "string", "minLength": 1,
                "description": "Where to post with the token: the id of a channel the app is in.",
                "examples": ["C012AB3CD"]},
            "webhook_url": {
                "type": "string", "minLength": 1, "writeOnly": true,
                "description": "The URL of an incoming webhook, in place of token and channel: one message at the end."},
            "at_start": {
                "type": "boolean", "default": false,
                "description": "With webhook_url: a message at the start too."},
            "title": {
                "type": "string", "minLength": 1, "maxLength": 500,
                "default": "{icon} {what} {id} to {environment} {outcome}",
                "description": "The first line of a message; fields stand in braces."},
            "body": {
                "type": "string", "maxLength": 2000, "default": "{subject}",
                "description": "The text below the title; fields stand in braces."},
            "mention": {
                "type": ["string", "array"], "items": {"type": "string"}, "maxItems": 10,
                "description": "Who is called when a deployment fails: <!here>, <!channel>, or ids of members or user groups.",
                "examples": ["<!here>"]},
            "mention_in": {
                "type": "array", "items": {"type": "string"}, "default": ["production"],
                "description": "The environments whose failures call somebody."},
            "api_url": {
                "type": "string", "default": "https://slack.com/api",
                "description": "Where Slack's methods are, for workspaces that are elsewhere."}},
        "oneOf": [{"required": ["webhook_url"]}, {"required": ["token", "channel"]}],
        "x-iac-events": ["queued", "started", "step", "finished"]})";

    explicit Slack(const iac::Value& config)
        : style_{templateOf(config, "title", notifiers::kTitle),
                 templateOf(config, "body", "{subject}"),
                 {}},
          mention_in_(config.get<std::vector<std::string>>("mention_in", {"production"})),
          at_start_(config.get<bool>("at_start", false)) {
        for (const auto& one : oneOrMore(config, "mention"))
            style_.mentions.push_back(slack::mentionElement("mention", one));
        address_.webhook_url = config.get<std::string>("webhook_url", "");
        address_.token = config.get<std::string>("token", "");
        address_.channel = config.get<std::string>("channel", "");
        address_.api_url = config.get<std::string>("api_url", "https://slack.com/api");
        if (address_.webhook_url.empty() && (address_.token.empty() || address_.channel.empty()))
            iac::invalid("give either webhook_url, or token and channel");
        if (!address_.webhook_url.empty())
            notifiers::checkUrl("webhook_url", address_.webhook_url, true);
        notifiers::checkUrl("api_url", address_.api_url, true);
        notifiers::checkHeader("token", address_.token);
    }

    void notify(const iac::Value& input, const iac::Call& call) override {
        const News news = notifiers::readNews(input);
        const slack::Posting posting(address_, news, call);
        if (address_.webhook_url.empty()) {
            inChannel(news, posting, call);
        } else if (news.ended() || (at_start_ && news.event == "deployment.started")) {
            posting.toWebhook(overview(news, style_, whom(news), true));
        } else {
            answered(call, "nothing is sent now: a webhook is told of the end" +
                               std::string(at_start_ ? " and the start" : ""));
        }
    }

private:
    // A sample calls nobody: it would be a false alarm.
    slack::Whom whom(const News& news) const {
        const bool here = std::find(mention_in_.begin(), mention_in_.end(), news.environment) !=
                          mention_in_.end();
        return news.status == "failed" && here && !news.sample ? slack::Whom::mentions
                                                               : slack::Whom::nobody;
    }

    // Nobody hears of an edited message: what is to be heard is a message of its own, in the
    // thread, and shown in the channel when it calls somebody.
    void inChannel(const News& news, const slack::Posting& posting, const iac::Call& call) const {
        slack::Posted posted = slack::readPosted(call, news.memory);
        const bool calls = whom(news) == slack::Whom::mentions && !style_.mentions.empty();
        const bool edited =
            !posted.ts.empty() &&
            posting.edit(posted, overview(news, style_, slack::Whom::nobody, false));
        if (!edited) {
            posted = posting.post(overview(news, style_, whom(news), false));
            remember(call, slack::text(posted));
        }
        const bool telling = news.status == "failed" || (news.recovered && edited);
        if (!telling || posted.told) return;
        posting.reply(posted, details(news, style_, edited ? whom(news) : slack::Whom::nobody),
                      edited && (calls || news.recovered));
        posted.told = true;
        remember(call, slack::text(posted));
    }

    slack::Style style_;
    std::vector<std::string> mention_in_;
    slack::Address address_;
    bool at_start_;
};

}  // namespace

IAC_PLUGINS(Slack);

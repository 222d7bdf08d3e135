// iac.webhook: each notification as signed JSON, in the form of Standard Webhooks.

#include <ctime>
#include <iac/plugin.hpp>

#include "../exchange.hpp"
#include "../news.hpp"
#include "signature.hpp"

namespace {

namespace notifiers = iac::notifiers;

std::vector<std::string> secretsOf(const iac::Value& config) {
    const auto value = config.find<iac::Value>("secret");
    if (value && value->isArray()) return config.get<std::vector<std::string>>("secret");
    return {config.get<std::string>("secret")};
}

std::vector<std::string> headersOf(const iac::Value& config) {
    std::vector<std::string> headers;
    const auto given = config.find<iac::Value>("headers");
    for (std::size_t i = 0; given && i < given->count(); ++i) {
        const std::string name = given->key(i),
                          line = name + ": " + std::string((*given)[i].string());
        const std::string place = "headers." + name;
        const bool is_token =
            !name.empty() && name.find_first_of(" :()<>@,;\"/[]?={}") == name.npos;
        if (!is_token) iac::invalid(place + ": this is no name of a header");
        notifiers::checkHeader(place, line);
        headers.push_back(line);
    }
    return headers;
}

// When it happened; a repeated delivery says the same.
std::string happenedAt(const notifiers::News& news) {
    if (news.event == "deployment.queued") return news.created_at;
    if (!news.finished_at.empty()) return news.finished_at;
    return news.started_at.empty() ? news.created_at : news.started_at;
}

// The same at every attempt, and never that of another runner, or of one that began anew.
std::string idOf(const notifiers::News& news) {
    std::string id =
        "iac-" + (news.notification.empty() ? news.id + "-" + news.event : news.notification) + "-";
    for (const char c : news.created_at)
        if (c >= '0' && c <= '9') id += c;
    return id;
}

class Webhook final : public iac::Notifier {
public:
    static constexpr iac::Info info{"iac.webhook", "1.0.0",
                                    "Sends signed JSON (Standard Webhooks) to an address"};
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false, "required": ["url", "secret"],
        "properties": {
            "url": {
                "type": "string", "minLength": 1, "writeOnly": true,
                "description": "Where each notification is sent with POST.",
                "examples": ["https://example.com/deployments"]},
            "secret": {
                "type": ["string", "array"], "items": {"type": "string"}, "minItems": 1, "maxItems": 4, "writeOnly": true,
                "description": "What it is signed with: whsec_ and 24 to 64 bytes in base64; an array while one is being replaced.",
                "examples": ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]},
            "headers": {
                "type": "object", "additionalProperties": {"type": "string", "writeOnly": true}, "maxProperties": 20,
                "description": "Further headers of the request, by name."}}})";

    explicit Webhook(const iac::Value& config)
        : url_(config.get<std::string>("url")),
          signer_("secret", secretsOf(config)),
          headers_(headersOf(config)) {
        notifiers::checkUrl("url", url_, false);
    }

    void notify(const iac::Value& input, const iac::Call& call) override {
        const auto news = notifiers::readNews(input);
        const std::string body = bodyOf(input, news);
        const std::string id = idOf(news);
        const std::string now = std::to_string(std::time(nullptr));
        auto headers = headers_;
        headers.push_back("webhook-id: " + id);
        headers.push_back("webhook-timestamp: " + now);
        headers.push_back("webhook-signature: " + signer_.sign(id, now, body));
        judge(notifiers::postJson(call, url_, std::move(headers), body), call);
    }

private:
    // Everything the runner says but what is between it and its notifiers.
    static std::string bodyOf(const iac::Value& input, const notifiers::News& news) {
        iac::Object data;
        for (std::size_t i = 0; i < input.count(); ++i) {
            const std::string name = input.key(i);
            if (name != "event" && name != "memory" && name != "notification")
                data.raw(name, input[i].json());
        }
        return iac::Object()
            .set("type", news.event)
            .set("timestamp", happenedAt(news))
            .set("data", data)
            .text();
    }

    void judge(const iac::Reply& reply, const iac::Call& call) const {
        constexpr int kGone = 410;
        if (reply.status >= 200 && reply.status < 300)
            return answered(call, "the receiver answered " + std::to_string(reply.status));
        std::string sentence = "the receiver answered " + std::to_string(reply.status);
        if (notifiers::isPassing(reply.status))
            notifiers::tryLater(
                call, reply, sentence,
                {"receiver", "Nothing, if the receiver is busy: it is tried again."});
        if (reply.status == kGone)
            iac::fail(sentence + ": it wants no more notifications",
                      {"receiver", "Remove this notifier, or set another `url`."});
        if (reply.status < 400)
            iac::fail(sentence + ", and redirects are not followed",
                      {"receiver", "Set `url` to the address itself."});
        const std::string said = notifiers::quoted(reply.body);
        iac::fail(
            said.empty() ? sentence : sentence + ": " + said,
            {"receiver", "See whether `url` is right, and whether the receiver has the `secret`."});
    }

    const std::string url_;
    const iac::webhook::Signer signer_;
    const std::vector<std::string> headers_;
};

}  // namespace

IAC_PLUGINS(Webhook);

#include "fake_slack.hpp"

#include <Poco/JSON/Parser.h>
#include <Poco/Net/NameValueCollection.h>
#include <Poco/URI.h>

#include <algorithm>
#include <sstream>

#include "slack_limits.hpp"

namespace iac::fakes {
namespace {

using Object = Poco::JSON::Object::Ptr;

std::string text(const Object& object) {
    std::ostringstream out;
    object->stringify(out);
    return out.str();
}

// The form of the official client: what is no text is JSON within it.
Object fromForm(const std::string& body) {
    Object members = new Poco::JSON::Object;
    for (const auto& [name, value] : Poco::URI("http://x/?" + body).getQueryParameters()) {
        if (name == "blocks") {
            members->set(name, Poco::JSON::Parser().parse(value));
        } else if (value == "true" || value == "false") {
            members->set(name, value == "true");
        } else {
            members->set(name, value);
        }
    }
    return members;
}

HttpAnswer json(const Object& object) {
    return {200, text(object)};
}

HttpAnswer plain(int status, const std::string& said) {
    return {status, said, "text/html"};
}

Object ok() {
    Object object = new Poco::JSON::Object;
    object->set("ok", true);
    return object;
}

std::string member(const Object& object, const char* name) {
    return object->optValue<std::string>(name, "");
}

bool isEmpty(const Object& members) {
    const auto blocks = members->getArray("blocks");
    return member(members, "text").empty() && (blocks.isNull() || blocks->size() == 0);
}

// Only what a message holds is judged, not where it goes.
HttpAnswer refusal(const Object& members) {
    const auto faults = slackFaults(members);
    Object object = new Poco::JSON::Object, metadata = new Poco::JSON::Object;
    Poco::JSON::Array::Ptr messages = new Poco::JSON::Array;
    for (const auto& one : faults) messages->add("[ERROR] " + one);
    metadata->set("messages", messages);
    object->set("ok", false);
    object->set("error", "invalid_blocks");
    object->set("response_metadata", metadata);
    return json(object);
}

}  // namespace

FakeSlack::FakeSlack() : http_([this](const HttpRequest& request) { return answer(request); }) {}

std::vector<FakeSlack::Message> FakeSlack::messages() const {
    return *messages_.lock();
}

void FakeSlack::remove(const std::string& ts) {
    std::erase_if(*messages_.lock(), [&](const Message& one) { return one.ts == ts; });
}

HttpAnswer FakeSlack::rateLimited(int seconds) {
    HttpAnswer answer = methodError("ratelimited");
    answer.status = 429;
    answer.headers["Retry-After"] = std::to_string(seconds);
    return answer;
}

HttpAnswer FakeSlack::methodError(const std::string& error) {
    Object object = new Poco::JSON::Object;
    object->set("ok", false);
    object->set("error", error);
    return json(object);
}

HttpAnswer FakeSlack::answer(const HttpRequest& request) {
    if (request.method != "POST") return plain(405, "");
    const std::string api = "/api/";
    if (request.path.starts_with(api)) return method(request.path.substr(api.size()), request);
    return hook(request);
}

HttpAnswer FakeSlack::method(const std::string& name, const HttpRequest& request) {
    const std::string authorization = request.header("authorization");
    if (authorization.empty()) return methodError("not_authed");
    if (authorization != std::string("Bearer ") + kToken) return methodError("invalid_auth");
    const bool is_json = request.header("content-type").starts_with("application/json");
    const Object members = is_json ? jsonOf(request.body) : fromForm(request.body);
    if (members.isNull()) return methodError("invalid_json");
    if (name == "auth.test") return json(ok());
    if (name == "chat.postMessage") return postMessage(members);
    if (name == "chat.update") return update(members);
    return methodError("unknown_method");
}

HttpAnswer FakeSlack::postMessage(const Object& members) {
    const std::string channel = member(members, "channel");
    if (channel == kArchived) return methodError("is_archived");
    if (channel == kBusy) return rateLimited(30);
    if (channel == kNotIn) return methodError("not_in_channel");
    if (channel != kChannel) return methodError("channel_not_found");
    if (isEmpty(members)) return methodError("no_text");
    if (!slackFaults(members).empty()) return refusal(members);
    Message message;
    message.channel = channel;
    message.ts = "1700000000." + std::to_string(100'000 + ++next_ts_);
    message.thread_ts = member(members, "thread_ts");
    message.broadcast = members->optValue("reply_broadcast", false);
    message.text = member(members, "text");
    message.json = text(members);
    messages_.lock()->push_back(message);
    Object answered = ok();
    answered->set("channel", channel);
    answered->set("ts", message.ts);
    answered->set("message", members);
    return json(answered);
}

HttpAnswer FakeSlack::update(const Object& members) {
    if (member(members, "channel") != kChannel) return methodError("channel_not_found");
    if (isEmpty(members)) return methodError("no_text");
    if (!slackFaults(members).empty()) return refusal(members);
    auto messages = messages_.lock();
    const auto found = std::ranges::find(*messages, member(members, "ts"), &Message::ts);
    if (found == messages->end()) return methodError("message_not_found");
    found->text = member(members, "text");
    found->json = text(members);
    ++found->edits;
    Object answered = ok();
    answered->set("channel", found->channel);
    answered->set("ts", found->ts);
    answered->set("text", found->text);
    return json(answered);
}

HttpAnswer FakeSlack::hook(const HttpRequest& request) {
    if (request.path == kArchivedHookPath) return plain(410, "channel_is_archived");
    if (request.path != kHookPath) return plain(404, "no_service");
    const Object members = jsonOf(request.body);
    if (members.isNull()) return plain(400, "invalid_payload");
    if (isEmpty(members)) return plain(400, "no_text");
    if (!slackFaults(members).empty()) return plain(400, "invalid_blocks");
    Message message;
    message.from_hook = true;
    message.text = member(members, "text");
    message.json = text(members);
    messages_.lock()->push_back(message);
    return plain(200, "ok");
}

}  // namespace iac::fakes

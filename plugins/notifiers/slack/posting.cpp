#include "posting.hpp"

#include "../exchange.hpp"

namespace iac::slack {
namespace {

constexpr int kOk = 200;

// Without blocks an edited message would keep those it has.
Object with(Object members, const std::string& text, const std::string& blocks) {
    return members.set("text", text).raw("blocks", blocks.empty() ? "[]" : blocks);
}

// Nothing is shown of what a link leads to: a log is not for the channel.
Object newMessage() {
    return Object().set("mrkdwn", false).set("unfurl_links", false).set("unfurl_media", false);
}

std::string member(const Value& object, const char* name) {
    const auto found = object.find<Value>(name);
    return found ? std::string(found->string()) : std::string();
}

}  // namespace

std::string text(const Posted& posted) {
    return Object()
        .set("channel", posted.channel)
        .set("ts", posted.ts)
        .set("told", posted.told)
        .text();
}

Posted readPosted(const Call& call, const std::string& memory) try {
    if (memory.empty()) return {};
    const Value value = call.parse(memory);
    Posted posted{member(value, "channel"), member(value, "ts"), value.get<bool>("told", false)};
    return posted.channel.empty() || posted.ts.empty() ? Posted{} : posted;
} catch (const Error&) {
    return {};
}

Posting::Answer Posting::understand(Reply reply) const {
    Answer answer;
    answer.reply = std::move(reply);
    if (answer.reply.status != kOk) {
        answer.fault = faultOf(answer.reply);
        return answer;
    }
    try {
        const Value json = call_.parse(answer.reply.body);
        if (json.get<bool>("ok", false)) {
            answer.channel = member(json, "channel");
            answer.ts = member(json, "ts");
            return answer;
        }
        answer.fault = faultNamed(member(json, "error"));
        if (const auto why = json.find<Value>("response_metadata/messages/0"))
            answer.fault->sentence += ": " + notifiers::quoted(why->string());
    } catch (const Error&) {
        answer.fault = Fault{Then::give_up,
                             "Slack's answer is not understood: it is not the JSON of its methods",
                             {"provider", "See whether `api_url` is Slack's address."}};
    }
    return answer;
}

Posting::Answer Posting::ask(const char* method, const Object& members) const {
    return understand(notifiers::postJson(call_, address_.api_url + "/" + method,
                                          {"Authorization: Bearer " + address_.token},
                                          members.text()));
}

template <class Send>
Posting::Answer Posting::send(const Object& members, const Message& message, Send send) const {
    Answer answer = send(with(members, message.text, message.blocks));
    if (!answer.fault || answer.fault->then != Then::say_less) return answer;
    call_.log(answer.fault->sentence + "; it gets one line instead", IAC_WARNING);
    return send(with(members, plainText(news_), ""));
}

void Posting::fail(const Answer& answer) const {
    const Fault& fault = *answer.fault;
    if (fault.then == Then::give_up || fault.then == Then::say_less)
        iac::fail(fault.sentence, fault.diagnosis);
    notifiers::tryLater(call_, answer.reply, fault.sentence, fault.diagnosis);
}

void Posting::toWebhook(const Message& message) const {
    const Answer answer = send(newMessage(), message, [&](const Object& members) {
        Answer one;
        one.reply = notifiers::postJson(call_, address_.webhook_url, {}, members.text());
        if (one.reply.status != kOk) one.fault = faultOf(one.reply);
        return one;
    });
    if (answer.fault) fail(answer);
    Notifier::answered(call_, "Slack answered " + notifiers::quoted(answer.reply.body));
}

Posted Posting::post(const Message& message) const {
    const Answer answer =
        send(newMessage().set("channel", address_.channel), message,
             [&](const Object& members) { return ask("chat.postMessage", members); });
    if (answer.fault) fail(answer);
    Notifier::answered(call_, "Slack posted it in " + answer.channel + " as " + answer.ts);
    return {answer.channel, answer.ts, false};
}

bool Posting::edit(const Posted& posted, const Message& message) const {
    const Answer answer =
        send(Object().set("channel", posted.channel).set("ts", posted.ts), message,
             [&](const Object& members) { return ask("chat.update", members); });
    if (answer.fault && answer.fault->then == Then::post_anew) return false;
    if (answer.fault) fail(answer);
    Notifier::answered(call_, "Slack changed its message " + posted.ts + " in " + posted.channel);
    return true;
}

void Posting::reply(const Posted& posted, const Message& message, bool broadcast) const {
    const Answer answer =
        send(newMessage()
                 .set("channel", posted.channel)
                 .set("thread_ts", posted.ts)
                 .set("reply_broadcast", broadcast),
             message, [&](const Object& members) { return ask("chat.postMessage", members); });
    if (answer.fault) fail(answer);
}

}  // namespace iac::slack

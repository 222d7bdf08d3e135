#include "notify/answer.hpp"

#include <iac/plugin.h>
#include <simdjson.h>

#include <algorithm>

#include "base/log.hpp"

namespace iac::notify {
namespace {

constexpr Duration kTimeout{30'000};  // of one call
constexpr Duration kGrace{2'000};

Answer::Is outcomeOf(const plugin::HostedResult& result) {
    using End = plugin::HostedResult::End;
    switch (result.end) {
        case End::cancelled:
            return Answer::Is::stopped;
        case End::timed_out:
            return Answer::Is::passing;
        case End::crashed:
        case End::refused:
            return Answer::Is::broken;
        case End::returned:
            break;
    }
    if (result.status == IAC_OK) return Answer::Is::delivered;
    if (result.status == IAC_RETRY) return Answer::Is::passing;
    return result.status == IAC_INTERNAL ? Answer::Is::broken : Answer::Is::final;
}

struct Said {
    std::string answer, next_action;
    std::optional<std::string> memory;
    std::optional<double> retry_after;
};

// The last one to say a member wins.
Said emittedBy(const plugin::HostedResult& result) {
    Said said;
    simdjson::dom::parser parser;
    for (const auto& text : result.emitted) {
        simdjson::dom::object object;
        if (parser.parse(text).get(object) != simdjson::SUCCESS) continue;
        std::string_view value;
        double seconds = 0;
        if (object["answer"].get(value) == simdjson::SUCCESS) said.answer = value;
        if (object["next_action"].get(value) == simdjson::SUCCESS) said.next_action = value;
        if (object["memory"].get(value) == simdjson::SUCCESS && value.size() <= kLongestMemory)
            said.memory = value;
        if (object["retry_after"].get(seconds) == simdjson::SUCCESS) said.retry_after = seconds;
    }
    return said;
}

Duration bounded(double seconds) {
    const double longest = static_cast<double>(kLongestRetryAfter.count()) / 1000.0;
    return Duration(static_cast<Duration::rep>(std::clamp(seconds, 0.0, longest) * 1000.0));
}

std::string joined(std::string sentence, const std::string& next) {
    if (next.empty()) return sentence;
    return sentence + (sentence.empty() || sentence.ends_with('.') ? " " : ". ") + next;
}

}  // namespace

Answer answerOf(const plugin::HostedResult& result) {
    Said said = emittedBy(result);
    Answer answer;
    answer.is = outcomeOf(result);
    answer.memory = std::move(said.memory);
    if (answer.is == Answer::Is::passing && said.retry_after)
        answer.retry_after = bounded(*said.retry_after);
    answer.sentence = answer.is == Answer::Is::delivered ? std::move(said.answer)
                                                         : joined(result.message, said.next_action);
    return answer;
}

Answer callNotifier(const std::string& name, const NotifierInUse& notifier,
                    const std::string& input, const Cancellation* stop, Masker* masker) {
    plugin::HostedCall call;
    call.plugin = notifier.plugin;
    call.config = notifier.config;
    call.input = input;
    call.timeout = kTimeout;
    call.grace = kGrace;
    call.cancel = stop;
    plugin::HostedEvents events;
    events.log = [&name](int level, std::string_view sentence) {
        log::write(log::levelOf(level), name, sentence);
    };
    if (masker != nullptr)
        events.mask = [masker](std::string_view secret) { masker->learnFetched(secret); };
    return answerOf(plugin::callInHost(call, events));
}

}  // namespace iac::notify

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
    std::string invalid;  // why something is no result; empty: nothing is
    std::string answer, next_action;
    std::optional<std::string> memory;
    std::optional<double> retry_after;
};

// A member that the plugin says and that cannot be read; null is as good as absent.
template <class Value>
void take(const simdjson::dom::object& from, const std::string& name, const char* what, Value& to,
          std::string& invalid) {
    simdjson::dom::element element;
    if (from[name].get(element) != simdjson::SUCCESS || element.is_null()) return;
    typename Value::value_type value{};
    if (element.get(value) == simdjson::SUCCESS)
        to = value;
    else
        invalid = "its member \"" + name + "\" is not " + what;
}

// The last one to say a member wins. What cannot be read may have been a memory, without which the
// next message stands alone: it is never passed over.
Said emittedBy(const plugin::HostedResult& result) {
    Said said;
    simdjson::dom::parser parser;
    for (const auto& text : result.emitted) {
        simdjson::dom::element parsed;
        simdjson::dom::object object;
        if (parser.parse(text).get(parsed) != simdjson::SUCCESS) {
            said.invalid = "it is not JSON in UTF-8";
            continue;
        }
        if (parsed.get(object) != simdjson::SUCCESS) {
            said.invalid = "it is not a JSON object";
            continue;
        }
        std::optional<std::string_view> answer, next_action, memory;
        take(object, "answer", "text", answer, said.invalid);
        take(object, "next_action", "text", next_action, said.invalid);
        take(object, "memory", "text", memory, said.invalid);
        take(object, "retry_after", "a number", said.retry_after, said.invalid);
        if (answer) said.answer = *answer;
        if (next_action) said.next_action = *next_action;
        if (memory && memory->size() > kLongestMemory)
            said.invalid = "its memory has " + std::to_string(memory->size()) +
                           " bytes, more than " + std::to_string(kLongestMemory);
        else if (memory)
            said.memory = *memory;
    }
    if (result.emitted_cut) said.invalid = "it is larger than the limit, and was cut";
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
    // It was told, and what it said is lost: another try would tell it twice.
    if (answer.is == Answer::Is::delivered && !said.invalid.empty()) {
        answer.is = Answer::Is::final;
        answer.sentence = result.plugin + " emitted an invalid result: " + said.invalid;
        return answer;
    }
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

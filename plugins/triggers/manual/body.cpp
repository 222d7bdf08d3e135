#include "body.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "../text.hpp"
#include "members.hpp"
#include "ref.hpp"

namespace iac::triggers {
namespace {

constexpr std::size_t kLongestName = 200;
constexpr std::size_t kMostServices = 1'000;
constexpr int kWaitWhenAsked = 60;  // "wait": true where the configuration says 0

/// Among the services: all of them, as the first clients write it.
constexpr std::string_view kAll = "__all__";

// A short text of one line; empty when it is not there.
std::string name(const Value& body, const char* member) {
    auto text = body.find<std::string>(member);
    if (!text) return {};
    if (text->empty()) invalid("value at /" + std::string(member) + " is empty");
    if (text->size() > kLongestName || hasControl(*text))
        invalid("value at /" + std::string(member) + " is longer than " +
                std::to_string(kLongestName) + " bytes, or has a control character in it");
    return *std::move(text);
}

// Blanks around a ref come from a script, and a SHA is the same in capitals.
std::string tidied(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == text.npos) return {};
    text = text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
    const bool sha = (text.size() == 40 || text.size() == 64) &&
                     text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
    return sha ? lower(text) : std::string(text);
}

// A branch, tag or SHA; empty when it is not there.
std::string ref(const Value& body, const char* member) {
    auto text = body.find<std::string>(member);
    if (!text) return {};
    *text = tidied(*text);
    if (const auto rule = brokenRefRule(*text); !rule.empty())
        invalid("value at /" + std::string(member) + " is no ref: " + shown(*text) + " " + rule);
    return *std::move(text);
}

// Empty: none is named. `all`: all are asked for by name.
std::vector<std::string> services(const Value& body, bool& all) {
    auto list = body.find<std::vector<std::string>>("services");
    if (!list) return {};
    if (list->size() > kMostServices)
        invalid("value at /services names more than " + std::to_string(kMostServices) +
                " services");
    for (const auto& service : *list) {
        if (service == kAll) all = true;
        if (service.empty() || service.size() > kLongestName || hasControl(service))
            invalid("value at /services holds " + shown(service) + ", which is no service id");
    }
    return all ? std::vector<std::string>{} : *std::move(list);
}

int waitSeconds(const Value& body, int default_wait) {
    const auto wait = body.find<Value>("wait");
    if (!wait) return default_wait;
    if (wait->isBool()) {
        if (!body.get<bool>("wait")) return 0;
        return default_wait > 0 ? default_wait : kWaitWhenAsked;
    }
    double seconds = -1;
    if (wait->isString()) {  // as a shell script quotes it
        const auto text = lower(body.get<std::string>("wait"));
        if (text == "false") return 0;
        if (text == "true") return default_wait > 0 ? default_wait : kWaitWhenAsked;
        if (!text.empty() && text.size() <= 4 && text.find_first_not_of("0123456789") == text.npos)
            seconds = std::stod(text);
    } else if (wait->isNumber()) {
        seconds = body.get<double>("wait");
    } else {
        invalid("value at /wait is neither a boolean nor a number of seconds");
    }
    if (!(seconds >= 0 && seconds <= kLongestWait) || std::floor(seconds) != seconds)
        invalid("value at /wait is not a whole number from 0 to " + std::to_string(kLongestWait));
    return static_cast<int>(seconds);
}

Event common(const Value& body, const Reading& reading, bool& all) {
    Event event;
    event.environment = name(body, "env");
    event.services = services(body, all);
    event.triggered_by = name(body, "triggered_by");
    event.wait_seconds = waitSeconds(body, reading.wait);
    event.dry_run = body.get<bool>("dry_run", false);
    return event;
}

bool namesNoService(const Value& body) {
    const auto list = body.find<std::vector<std::string>>("services");
    return list && list->empty();
}

}  // namespace

Event deployRequest(const Value& body, const Reading& reading) {
    auto warnings = ignoredMembers(
        body, {"env", "tag", "ref", "services", "triggered_by", "wait", "dry_run"}, reading.strict);
    bool all = false;
    Event event = common(body, reading, all);
    if (namesNoService(body)) {
        // The list of a workflow whose input was left empty: it means all, as no list does.
        if (reading.strict) invalid("value at /services names no service");
        warnings.push_back("\"services\" names no service: all are deployed");
    }
    event.tag = ref(body, "tag");
    event.ref = ref(body, "ref");
    if (event.tag.empty() && event.ref.empty())
        invalid(
            "what to deploy is one of `tag` and `ref` (a branch, tag or full SHA): there is "
            "neither");
    if (!event.tag.empty() && !event.ref.empty() && event.tag != event.ref) {
        if (reading.strict)
            invalid(
                "what to deploy is one of `tag` and `ref` (a branch, tag or full SHA): there are "
                "both");
        warnings.push_back("\"tag\" was ignored: \"ref\" says what is deployed");
        event.tag.clear();
    }
    if (event.ref.empty()) event.ref = event.tag;
    event.warnings = std::move(warnings);
    return event;
}

Event syncRequest(const Value& body, const Reading& reading) {
    auto warnings = ignoredMembers(
        body, {"services", "all", "env", "triggered_by", "wait", "dry_run"}, reading.strict);
    bool all = false;
    Event event = common(body, reading, all);
    if (body.get<bool>("all", false)) {
        if (!event.services.empty()) {
            if (reading.strict)
                invalid(
                    "what to sync is one of `services` (an array of ids) and `all` (true): there "
                    "are both");
            warnings.push_back("\"services\" was ignored: \"all\" is true");
            event.services.clear();
        }
        all = true;
    }
    if (!all && namesNoService(body)) invalid("value at /services names no service");
    if (!all && event.services.empty())
        invalid(
            "what to sync is one of `services` (an array of ids) and `all` (true): there is "
            "neither");
    event.warnings = std::move(warnings);
    return event;
}

std::string statusRequest(const Value& body, const Reading& reading) {
    ignoredMembers(body, {"deployment_id", "env", "ref", "tag", "services"}, reading.strict);
    const auto id = body.find<Value>("deployment_id");
    if (!id) invalid("missing value at /deployment_id: the deployment that is asked for");
    if (id->isString()) return name(body, "deployment_id");
    if (!id->isNumber()) invalid("value at /deployment_id is neither a text nor a number");
    return std::to_string(body.get<std::int64_t>("deployment_id"));
}

}  // namespace iac::triggers

#include "body.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "../text.hpp"
#include "ref.hpp"

namespace iac::triggers {
namespace {

constexpr std::size_t kLongestName = 200;
constexpr std::size_t kMostServices = 1'000;
constexpr int kWaitWhenAsked = 60;  // "wait": true where the configuration says 0

// A member that nobody knows is most often a typing error, and would change what is deployed.
void refuseUnknown(const Value& body, const std::vector<std::string_view>& known) {
    for (std::size_t i = 0; i < body.count(); ++i) {
        const std::string name = body.key(i);
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        std::string names;
        for (const auto one : known) names += (names.empty() ? "" : ", ") + std::string(one);
        invalid("member " + shown(name) + " is not known here (there are: " + names + ")");
    }
}

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

// A branch, tag or SHA; empty when it is not there.
std::string ref(const Value& body, const char* member) {
    auto text = body.find<std::string>(member);
    if (!text) return {};
    if (const auto rule = brokenRefRule(*text); !rule.empty())
        invalid("value at /" + std::string(member) + " is no ref: " + shown(*text) + " " + rule);
    return *std::move(text);
}

std::vector<std::string> services(const Value& body) {
    auto list = body.find<std::vector<std::string>>("services");
    if (!list) return {};
    // To the runner an empty list means all: here it is more likely a script that found none.
    if (list->empty()) invalid("value at /services names no service");
    if (list->size() > kMostServices)
        invalid("value at /services names more than " + std::to_string(kMostServices) +
                " services");
    for (const auto& service : *list) {
        if (service.empty() || service.size() > kLongestName || hasControl(service))
            invalid("value at /services holds " + shown(service) + ", which is no service id");
    }
    return *std::move(list);
}

int waitSeconds(const Value& body, int default_wait) {
    const auto wait = body.find<Value>("wait");
    if (!wait) return default_wait;
    if (wait->isBool()) {
        if (!body.get<bool>("wait")) return 0;
        return default_wait > 0 ? default_wait : kWaitWhenAsked;
    }
    if (!wait->isNumber()) invalid("value at /wait is neither a boolean nor a number of seconds");
    const double seconds = body.get<double>("wait");
    if (!(seconds >= 0 && seconds <= kLongestWait) || std::floor(seconds) != seconds)
        invalid("value at /wait is not a whole number from 0 to " + std::to_string(kLongestWait));
    return static_cast<int>(seconds);
}

Event common(const Value& body, int default_wait) {
    Event event;
    event.environment = name(body, "env");
    event.services = services(body);
    event.triggered_by = name(body, "triggered_by");
    event.wait_seconds = waitSeconds(body, default_wait);
    event.dry_run = body.get<bool>("dry_run", false);
    return event;
}

}  // namespace

Event deployRequest(const Value& body, int default_wait) {
    refuseUnknown(body, {"env", "tag", "ref", "services", "triggered_by", "wait", "dry_run"});
    Event event = common(body, default_wait);
    if (event.environment.empty()) invalid("missing value at /env: where to deploy to");
    event.tag = ref(body, "tag");
    event.ref = ref(body, "ref");
    if (event.tag.empty() == event.ref.empty())
        invalid("what to deploy is one of `tag` and `ref` (a branch, tag or full SHA): " +
                std::string(event.tag.empty() ? "there is neither" : "there are both"));
    if (event.ref.empty()) event.ref = event.tag;
    return event;
}

Event syncRequest(const Value& body, int default_wait) {
    refuseUnknown(body, {"services", "all", "env", "triggered_by", "wait", "dry_run"});
    Event event = common(body, default_wait);
    const bool all = body.get<bool>("all", false);
    if (all == !event.services.empty())
        invalid("what to sync is one of `services` (an array of ids) and `all` (true): " +
                std::string(all ? "there are both" : "there is neither"));
    return event;
}

}  // namespace iac::triggers

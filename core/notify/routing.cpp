#include "notify/routing.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace iac::notify {
namespace {

constexpr std::string_view kPrefix = "deployment.";
constexpr std::array kMoves{kQueued, kStarted, kStep, kFinished};

std::string spelledOut(std::string_view event) {
    return std::string(event.starts_with(kPrefix) ? "" : kPrefix).append(event);
}

struct Subscription {
    std::string notifier;
    std::set<std::string, std::less<>> events;
    std::vector<std::string> environments;  ///< empty: all
};

}  // namespace

bool letsThrough(const std::vector<std::string>& allowed, std::string_view value) {
    return allowed.empty() || std::ranges::find(allowed, value) != allowed.end();
}

std::vector<std::string> eventsWanted(const std::string& schema) {
    std::vector<std::string> wanted;
    simdjson::dom::parser parser;
    simdjson::dom::array named;
    if (parser.parse(schema)["x-iac-events"].get(named) == simdjson::SUCCESS) {
        for (const auto event : named) {
            std::string_view name;
            if (event.get(name) != simdjson::SUCCESS) continue;
            if (auto move = spelledOut(name); std::ranges::find(kMoves, move) != kMoves.end())
                wanted.push_back(std::move(move));
        }
    }
    if (wanted.empty()) wanted.emplace_back(kFinished);
    return wanted;
}

history::Subscribers subscribers(const Notifiers& notifiers) {
    std::vector<Subscription> all;
    for (const auto& [name, notifier] : notifiers) {
        auto& one =
            all.emplace_back(name, decltype(Subscription::events){}, notifier.use.environments);
        for (const auto& event : notifier.use.events) one.events.insert(spelledOut(event));
        if (!one.events.empty()) continue;
        for (auto& event : eventsWanted(notifier.plugin->schema)) one.events.insert(event);
    }
    return [all = std::move(all)](std::string_view event, std::string_view environment) {
        std::vector<std::string> told;
        for (const auto& one : all)
            if (one.events.contains(event) && letsThrough(one.environments, environment))
                told.push_back(one.notifier);
        return told;
    };
}

}  // namespace iac::notify

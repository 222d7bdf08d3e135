#include "history/json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <string_view>

#include "base/log.hpp"

namespace iac::history {
namespace {

// As a value, so that it is inlined where it is asked of every character.
constexpr auto kIsPlain = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
};

void appendEscaped(std::string& json, std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    const bool utf8 = simdjson::validate_utf8(text.data(), text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            json += {'\\', c};
        } else if (byte < 0x20) {
            json += {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
        } else {
            json += utf8 || byte < 0x80 ? c : '?';
        }
    }
}

// Nearly all of it is paths and commit ids: a burst writes a hundred of these for every push.
void appendText(std::string& json, std::string_view text) {
    json += '"';
    if (std::ranges::all_of(text, kIsPlain)) {
        json += text;
    } else {
        appendEscaped(json, text);
    }
    json += '"';
}

void appendHeld(std::string&, const PlannedService&) {}
void appendHeld(std::string& json, const SkippedService& service) {
    if (service.held) json += ",\"held\":true";
}

template <class Reasoned>
void appendReasoned(std::string& json, const std::vector<Reasoned>& services) {
    json += '[';
    for (const Reasoned& each : services) {
        if (json.back() != '[') json += ',';
        json += "{\"service\":";
        appendText(json, each.service);
        json += ",\"reason\":";
        appendText(json, each.reason);
        appendHeld(json, each);
        json += '}';
    }
    json += ']';
}

simdjson::dom::element parsed(const std::string& json) {
    static thread_local simdjson::dom::parser parser;
    return parser.parse(json);
}

std::string text(simdjson::dom::element element) {
    return std::string(std::string_view(element));
}

void readHeld(simdjson::dom::element, PlannedService&) {}
void readHeld(simdjson::dom::element element, SkippedService& service) {
    bool held = false;
    service.held = element["held"].get(held) == simdjson::SUCCESS && held;
}

template <class Reasoned>
std::vector<Reasoned> reasoned(simdjson::dom::element list) {
    std::vector<Reasoned> services;
    for (const simdjson::dom::element each : simdjson::dom::array(list)) {
        Reasoned& service = services.emplace_back();
        service.service = text(each["service"]);
        service.reason = text(each["reason"]);
        readHeld(each, service);
    }
    return services;
}

void reportUnreadable(std::string_view what, const simdjson::simdjson_error& error) {
    log::warning("history", "A " + std::string(what) +
                                " in the history cannot be read and is taken for empty (" +
                                error.what() + ").");
}

}  // namespace

std::string listJson(const std::vector<std::string>& list) {
    std::string json = "[";
    for (const std::string& each : list) {
        if (json.size() > 1) json += ',';
        appendText(json, each);
    }
    return json += ']';
}

std::vector<std::string> listOf(const std::string& json) {
    std::vector<std::string> list;
    if (json == "[]") return list;
    try {
        for (const simdjson::dom::element each : simdjson::dom::array(parsed(json)))
            list.push_back(text(each));
    } catch (const simdjson::simdjson_error& e) {
        reportUnreadable("list", e);
        list.clear();
    }
    return list;
}

std::string planJson(const Plan& plan) {
    std::string json = "{\"services\":";
    appendReasoned(json, plan.services);
    json += ",\"skipped\":";
    appendReasoned(json, plan.skipped);
    return json += '}';
}

Plan planOf(const std::string& json) {
    try {
        const auto plan = parsed(json);
        return {reasoned<PlannedService>(plan["services"]),
                reasoned<SkippedService>(plan["skipped"])};
    } catch (const simdjson::simdjson_error& e) {
        reportUnreadable("plan", e);
        return {};
    }
}

}  // namespace iac::history

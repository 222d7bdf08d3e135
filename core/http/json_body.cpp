#include "http/json_body.hpp"

#include <algorithm>

#include "config/units.hpp"
#include "http/answer.hpp"
#include "http/query_values.hpp"
#include "http/waiting.hpp"

namespace iac::http {
namespace {

constexpr int kWaitWhenAsked = 60;  // "wait": true

Problem wrong(std::string_view member, const std::string& what) {
    return {400, "\"" + std::string(member) + "\" " + what + "."};
}

bool isBlank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool hasControl(std::string_view text) {
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// One line of at most `longest` bytes.
std::string lineOf(const iac_value& value, std::string_view member, std::size_t longest) {
    if (value.type != IAC_STRING) throw wrong(member, "has to be a text");
    std::string text(plugin::stringOf(value));
    if (isBlank(text)) throw wrong(member, "is empty");
    if (text.size() > longest)
        throw wrong(member, "is longer than " + std::to_string(longest) + " bytes");
    if (hasControl(text)) throw wrong(member, "holds a control character");
    return text;
}

}  // namespace

JsonBody::JsonBody(const Request& request, const std::vector<std::string_view>& known) {
    std::string reason;
    // Whatever the request calls it: curl -d says that it sends a form.
    document_ = plugin::Document::parse(isBlank(request.body) ? "{}" : request.body, reason);
    if (document_ == nullptr) throw Problem(400, "The body is not understood: " + reason + ".");
    const iac_value& root = *document_->root();
    if (root.type != IAC_OBJECT) throw Problem(400, "The body has to be a JSON object.");
    for (std::uint32_t i = 0; i < root.count; ++i) {
        const auto name = plugin::view(root.keys[i]);
        if (std::ranges::find(known, name) != known.end()) continue;
        std::string names;
        for (const auto one : known) names += (names.empty() ? "" : ", ") + std::string(one);
        throw wrong(name.substr(0, kLongestName),
                    "is not known here" + (known.empty() ? "" : " (there are: " + names + ")"));
    }
}

const iac_value* JsonBody::find(std::string_view member) const {
    const iac_value& root = *document_->root();
    for (std::uint32_t i = 0; i < root.count; ++i)
        if (plugin::view(root.keys[i]) == member) return &root.items[i];
    return nullptr;
}

std::string JsonBody::text(std::string_view member, std::size_t longest) const {
    const auto* value = find(member);
    return value == nullptr ? std::string() : lineOf(*value, member, longest);
}

std::string JsonBody::required(std::string_view member, std::size_t longest) const {
    if (!has(member)) throw wrong(member, "is missing");
    return text(member, longest);
}

std::vector<std::string> JsonBody::texts(std::string_view member, std::size_t most,
                                         std::size_t longest) const {
    const auto* value = find(member);
    if (value == nullptr) return {};
    if (value->type != IAC_ARRAY) throw wrong(member, "has to be a list of texts");
    if (value->count == 0) throw wrong(member, "is an empty list");
    if (value->count > most)
        throw wrong(member, "has more than " + std::to_string(most) + " entries");
    std::vector<std::string> list;
    for (std::uint32_t i = 0; i < value->count; ++i)
        list.push_back(lineOf(value->items[i], member, longest));
    return list;
}

std::optional<Time> JsonBody::time(std::string_view member) const {
    if (!has(member)) return std::nullopt;
    const auto time = timeFromText(text(member));
    if (!time) throw wrong(member, "has to be a time like 2025-01-24T04:51:00Z");
    return time;
}

std::optional<Duration> JsonBody::duration(std::string_view member) const {
    if (!has(member)) return std::nullopt;
    const auto duration = config::parseDuration(text(member));
    if (!duration || duration->count() == 0)
        throw wrong(member, "has to be a duration like \"90m\" or \"2h\"");
    return duration;
}

std::optional<int> JsonBody::wait() const {
    const auto* value = find("wait");
    if (value == nullptr) return std::nullopt;
    if (value->type == IAC_BOOL) return value->boolean ? kWaitWhenAsked : 0;
    const auto most = Waiting::kLongest.count();
    const double seconds = value->type == IAC_NUMBER ? plugin::numberOf(*value) : -1;
    if (!(seconds >= 0 && seconds <= static_cast<double>(most)) ||
        seconds != static_cast<double>(static_cast<int>(seconds)))
        throw wrong("wait",
                    "has to be true, false, or whole seconds up to " + std::to_string(most));
    return static_cast<int>(seconds);
}

std::string actorOf(const Request& request, const JsonBody& body, std::string_view member) {
    std::string said = body.text(member);
    if (!request.caller.empty()) return request.caller;
    return said.empty() ? "api" : said;
}

}  // namespace iac::http

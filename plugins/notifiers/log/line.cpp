#include "line.hpp"

#include <ctime>
#include <optional>

namespace iac::log {
namespace {

constexpr std::size_t kMostServices = 50;
constexpr std::size_t kLongestText = 300;

// A text member as one line: what a task or a person wrote may not begin a line of its own.
std::string text(const Value& object, const char* member) {
    const auto found = object.find<Value>(member);
    if (!found || !found->isString()) return {};
    std::string_view in = found->string();
    if (in.size() > kLongestText) {
        std::size_t end = kLongestText;
        while (end > 0 && (static_cast<unsigned char>(in[end]) & 0xC0) == 0x80) --end;
        in = in.substr(0, end);
    }
    std::string out(in);
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') c = ' ';
    return out;
}

std::string number(const Value& object, const char* member) {
    const auto found = object.find<Value>(member);
    return found && found->isNumber() ? found->json() : "?";
}

// RFC 3339 in UTC, with or without a fraction -> seconds.
std::optional<double> seconds(const std::string& time) {
    std::tm parts{};
    const char* rest = strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == nullptr) return std::nullopt;
    const double fraction = *rest == '.' ? std::strtod(rest, nullptr) : 0.0;
    return static_cast<double>(timegm(&parts)) + fraction;
}

std::string duration(const Value& deployment) {
    const auto from = seconds(text(deployment, "started_at"));
    const auto to = seconds(text(deployment, "finished_at"));
    if (!from || !to || *to < *from) return {};
    char out[48];
    std::snprintf(out, sizeof out, "%.1f s", *to - *from);
    return out;
}

// "platform/postgres changed", "platform/redis failed (invoke redis.sync ended with exit code 7)"
std::string service(const Value& step) {
    const std::string id = text(step, "service");
    const std::string state = text(step, "status");
    std::string out = id + " " + (state.empty() ? "?" : state);
    const std::string summary = text(step, "summary");
    if (state == "failed" && !summary.empty()) out += " (" + summary + ")";
    return out;
}

std::string services(const Value& deployment) {
    const auto steps = deployment.find<Value>("steps");
    const std::size_t count = steps && steps->isArray() ? steps->count() : 0;
    if (count == 0) return "no services";
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        if (i == kMostServices) return out + " and " + std::to_string(count - i) + " more";
        if ((*steps)[i].isObject()) out += (out.empty() ? "" : ", ") + service((*steps)[i]);
    }
    return out;
}

std::string revision(const Value& deployment) {
    constexpr std::size_t kShort = 7;
    std::string out = text(deployment, "revision").substr(0, kShort);
    if (out.empty()) out = text(deployment, "ref");
    return out.empty() ? "?" : out;
}

}  // namespace

std::string line(const Value& deployment) {
    const std::string to = text(deployment, "environment"), status = text(deployment, "status"),
                      by = text(deployment, "triggered_by"), took = duration(deployment);
    std::string out = "deployment " + number(deployment, "id") + " of " + revision(deployment) +
                      " to " + (to.empty() ? "?" : to) + ": " + (status.empty() ? "?" : status) +
                      ": " + services(deployment);
    if (!by.empty() || !took.empty())
        out += " (" + (by.empty() ? "" : "by " + by) + (by.empty() || took.empty() ? "" : ", ") +
               took + ")";
    return out;
}

}  // namespace iac::log

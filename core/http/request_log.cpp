#include "http/request_log.hpp"

#include <algorithm>
#include <chrono>

#include "base/log.hpp"
#include "base/utf8.hpp"

namespace iac::http {
namespace {

constexpr std::size_t kLongestField = 200;

/// ` name="value"`, of what a caller may have chosen: short, and closed by the quote it begins
/// with. Nothing for an empty value.
std::string field(std::string_view name, std::string_view value) {
    if (value.empty()) return {};
    std::string text = " " + std::string(name) + "=\"";
    // Masked before it is cut: the beginning of a secret would not be known as one.
    const std::string masked = log::masked(value);
    const std::string shown = validUtf8(std::string_view(masked).substr(0, kLongestField));
    for (const char c : shown) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + (masked.size() > kLongestField ? "...\"" : "\"");
}

std::string leftOut(std::int64_t lines) {
    return lines > 0 ? " left_out=" + std::to_string(lines) : std::string();
}

}  // namespace

std::int64_t LineLimit::take(Steady::time_point now) {
    auto state = state_.lock();
    if (state->at != Steady::time_point{}) {
        const double passed = std::chrono::duration<double>(now - state->at).count();
        state->left = std::min(kAtOnce, state->left + std::max(0.0, passed) * kPerSecond);
    }
    state->at = now;
    if (state->left < 1) {
        ++state->left_out;
        return -1;
    }
    state->left -= 1;
    return std::exchange(state->left_out, 0);
}

void RequestLog::received(const Request& request, const Webhook& webhook) {
    metrics_.webhookReceived(webhook.trigger, webhook.verdict);
    const auto left_out = received_.take(Steady::now());
    if (left_out < 0) return;
    log::info("http",
              "webhook received:" + field("trigger", webhook.trigger) +
                  field("event", webhook.event) + field("delivery", webhook.delivery) +
                  field("verdict", webhook.verdict) +
                  (webhook.deployment != 0 ? " deployment=" + std::to_string(webhook.deployment)
                                           : std::string()) +
                  field("reason", webhook.reason) + field("address", request.address) +
                  leftOut(left_out));
}

void RequestLog::rejected(const Request& request, std::string_view trigger,
                          std::string_view reason) {
    metrics_.signatureRejected(trigger.empty() ? "api" : trigger);
    const auto left_out = rejected_.take(Steady::now());
    if (left_out < 0) return;
    log::warning("http", "signature rejected:" + field("address", request.address) +
                             field("method", request.method) + field("path", request.path) +
                             field("delivery", request.header("x-github-delivery")) +
                             field("reason", reason) + leftOut(left_out));
}

}  // namespace iac::http

// What the notifiers that speak HTTP have in common.
#pragma once

#include <cstdint>
#include <iac/plugin.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace iac::notifiers {

/// Three of them fit into the time of one delivery.
inline constexpr double kRequestSeconds = 8;
/// Bytes of an answer.
inline constexpr std::uint64_t kMostAnswered = 256u << 10;

/// Refuses what is no address, with a sentence that begins with the setting and never shows it: an
/// address may be a credential. `secret`: something goes there that nobody on the way may read, so
/// it has to be https, but for this machine itself.
void checkUrl(std::string_view setting, const std::string& url, bool secret);

/// Refuses a text that would begin another header of the request.
void checkHeader(std::string_view setting, const std::string& text);

/// POST of JSON; every status is an answer. Throws iac::Error when there was none.
Reply postJson(const Call& call, const std::string& url, std::vector<std::string> headers,
               const std::string& json);

/// Whether the same request may be taken later: 408, 425, 429 and 5xx.
bool isPassing(int status);

/// Seconds that "Retry-After" asks for (a number, or a date), at most kLongestRetryAfter.
std::optional<double> retryAfterOf(const Reply& reply);
inline constexpr double kLongestRetryAfter = 3'600;

/// What the other side said, fit for a sentence: one line, short, quoted; empty when it said none.
std::string quoted(std::string_view said);

/// Asks for another delivery, at the time the answer names if it names one.
[[noreturn]] void tryLater(const Call& call, const Reply& reply, const std::string& message,
                           const Diagnosis& diagnosis);

}  // namespace iac::notifiers

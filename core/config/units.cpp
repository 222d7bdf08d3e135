#include "config/units.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace iac::config {

namespace {

using Unit = std::pair<std::string_view, std::uint64_t>;

// "ms" before "m", so that the longer one is tried first.
constexpr std::array kDurations{Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000},
                                Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
constexpr std::array kSizes{Unit{"B", 1}, Unit{"KiB", 1u << 10}, Unit{"MiB", 1u << 20},
                            Unit{"GiB", 1u << 30}, Unit{"TiB", std::uint64_t{1} << 40}};
constexpr std::uint64_t kLongestDuration = std::uint64_t{36'525} * 86'400'000;

/// Takes "10m" from the front of `text`; nothing when there is none or it is more than `largest`.
template <class Units>
std::optional<std::uint64_t> takeOne(std::string_view& text, const Units& units,
                                     std::uint64_t largest) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    for (const auto& [name, factor] : units) {
        if (!text.starts_with(name)) continue;
        text.remove_prefix(name.size());
        if (number > largest / factor) return std::nullopt;
        return number * factor;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Duration> parseDuration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::uint64_t sum = 0;
    while (!text.empty()) {
        const auto part = takeOne(text, kDurations, kLongestDuration);
        if (!part) return std::nullopt;
        sum += *part;
        if (sum > kLongestDuration) return std::nullopt;
    }
    return Duration(static_cast<Duration::rep>(sum));
}

std::optional<std::uint64_t> parseSize(std::string_view text) {
    const auto size = takeOne(text, kSizes, kLargestSize);
    return text.empty() ? size : std::nullopt;
}

}  // namespace iac::config

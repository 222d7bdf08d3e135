#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace iac::config {

/// "500ms", "30s", "10m", "1h30m", "2d": whole numbers, each with its unit. Nothing when the text
/// is not that, or is longer than a hundred years.
std::optional<Duration> parseDuration(std::string_view text);

/// "512B", "25MiB", "1GiB": a whole number with its unit, powers of 1024. Nothing when the text is
/// not that, or is more than kLargestSize.
std::optional<std::uint64_t> parseSize(std::string_view text);

constexpr std::uint64_t kLargestSize = std::uint64_t{1} << 50;

}  // namespace iac::config

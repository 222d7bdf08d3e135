#include "config/scalar.hpp"

#include <Poco/Types.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace iac::config {

namespace {

bool digits(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view kDecimal = "0123456789";

bool whole(std::string_view text, int base, Poco::Dynamic::Var& typed) {
    Poco::Int64 number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc{} || end != text.data() + text.size()) return false;
    typed = number;
    return true;
}

/// `[0-9]+(\.[0-9]*)?` or `\.[0-9]+`, then perhaps `[eE][-+]?[0-9]+`.
bool looksLikeFloat(std::string_view text) {
    const auto exponent = text.find_first_of("eE");
    if (exponent != std::string_view::npos) {
        auto power = text.substr(exponent + 1);
        if (power.starts_with('+') || power.starts_with('-')) power.remove_prefix(1);
        if (!digits(power, kDecimal)) return false;
        text = text.substr(0, exponent);
    }
    const auto point = text.find('.');
    if (point == std::string_view::npos) return digits(text, kDecimal);
    const auto before = text.substr(0, point);
    const auto after = text.substr(point + 1);
    if (before.empty()) return digits(after, kDecimal);
    return digits(before, kDecimal) && (after.empty() || digits(after, kDecimal));
}

}  // namespace

bool keepsSpelling(const Poco::Dynamic::Var& typed, const std::string& written) {
    if (typed.isEmpty() || typed.isString()) return true;
    if (typed.isBoolean()) return written == (typed.convert<bool>() ? "true" : "false");
    if (typed.isInteger()) return written == std::to_string(typed.convert<Poco::Int64>());
    std::array<char, 32> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), typed.convert<double>()).ptr;
    return written == std::string_view(text.data(), static_cast<std::size_t>(end - text.data()));
}

bool plainScalar(const std::string& text, Poco::Dynamic::Var& typed) {
    typed = Poco::Dynamic::Var();
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
        return true;
    typed = true;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    typed = false;
    if (text == "false" || text == "False" || text == "FALSE") return true;

    std::string_view number = text;
    if (number.starts_with("0x") && digits(number.substr(2), "0123456789abcdefABCDEF"))
        return whole(number.substr(2), 16, typed);
    if (number.starts_with("0o") && digits(number.substr(2), "01234567"))
        return whole(number.substr(2), 8, typed);

    const bool negative = number.starts_with('-');
    if (negative || number.starts_with('+')) number.remove_prefix(1);
    if (digits(number, kDecimal))
        return whole(negative ? std::string_view(text) : number, 10, typed);
    for (const auto* special : {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})
        if (number == special) return false;
    typed = text;
    if (!looksLikeFloat(number)) return true;
    double value = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
    if (read.ec != std::errc{} || !std::isfinite(value)) return false;
    typed = negative ? -value : value;
    return true;
}

}  // namespace iac::config

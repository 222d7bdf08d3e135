#include "http/byte_range.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "http/answer.hpp"

namespace iac::http {
namespace {

std::optional<std::uint64_t> wholeNumber(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

}  // namespace

std::optional<ByteRange> byteRange(std::string_view header, std::uint64_t length) {
    static constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit)) return std::nullopt;
    header.remove_prefix(unit.size());
    const auto dash = header.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first = header.substr(0, dash), last = header.substr(dash + 1);
    const auto from = wholeNumber(first), to = wholeNumber(last);
    if ((!first.empty() && !from) || (!last.empty() && !to) || (first.empty() && last.empty()))
        return std::nullopt;
    ByteRange range{0, length};
    if (from) {
        if (to && *to < *from) return std::nullopt;
        range.begin = *from;
        if (to) range.end = std::min(length, *to >= length ? length : *to + 1);
    } else {  // the last so many
        range.begin = length - std::min(length, *to);
    }
    if (range.begin >= range.end)
        throw Problem(416, "There are only " + std::to_string(length) + " bytes.",
                      {{"Content-Range", "bytes */" + std::to_string(length)}});
    return range;
}

}  // namespace iac::http

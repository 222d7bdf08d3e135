#include "text.hpp"

#include <algorithm>
#include <cstdint>

namespace iac::notifiers {
namespace {

constexpr std::string_view kEllipsis = "…";

struct Character {
    std::uint32_t code = 0;
    std::size_t bytes = 1;
};

Character characterAt(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
    };
    const std::uint32_t first = byte(0);
    const std::size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    constexpr std::uint32_t kFirstBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    std::uint32_t code = first & kFirstBits[bytes];
    for (std::size_t i = 1; i < bytes; ++i) code = code << 6 | (byte(i) & 0x3F);
    return {code, bytes};
}

std::size_t widthOf(Character one) {
    return one.code >= 0x10000 ? 2 : 1;
}

// Belongs to the character before it: combining marks, variation selectors, skin tones, joiners.
bool isJoined(std::uint32_t code) {
    return (code >= 0x300 && code <= 0x36F) || (code >= 0xFE00 && code <= 0xFE0F) ||
           (code >= 0x1F3FB && code <= 0x1F3FF) || (code >= 0x20D0 && code <= 0x20FF) ||
           code == 0x200D;
}

// Marks that turn the direction of the text after them, or are not seen at all.
bool isInvisible(std::uint32_t code) {
    return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0x200E || code == 0x200F || code == 0x061C || code == 0xFEFF ||
           (code >= 0xE0000 && code <= 0xE007F);
}

bool isControl(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029;
}

// The end of the escape sequence that begins at `at`: "\033[31m", "\033]0;title\a", "\033c".
std::size_t endOfEscape(std::string_view text, std::size_t at) {
    const char kind = at + 1 < text.size() ? text[at + 1] : '\0';
    if (kind == '[') {
        const std::size_t end = text.find_first_not_of("0123456789;:<=>?!\"#$%&'()*+,-./ ", at + 2);
        return end == text.npos ? text.size() : end + 1;
    }
    if (kind == ']') {
        const std::size_t end = text.find_first_of("\a\x1b", at + 2);
        if (end == text.npos) return text.size();
        return text[end] == '\a' ? end + 1 : std::min(end + 2, text.size());
    }
    // Any other is two bytes; a byte that begins a character of several is left to it.
    return kind > 0x20 && kind < 0x7f ? at + 2 : at + 1;
}

std::string cleaned(std::string_view text, bool keep_lines) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Character one = characterAt(text, at);
        if (one.code == 0x1B) {
            at = endOfEscape(text, at);
            continue;
        }
        const bool line = keep_lines && (one.code == '\n' || one.code == '\t');
        // A carriage return before a line end is part of it.
        const bool dropped = keep_lines && one.code == '\r';
        if (isControl(one.code) && !line) {
            if (!dropped) out += ' ';
        } else if (!isInvisible(one.code)) {
            out.append(text.substr(at, one.bytes));
        }
        at += one.bytes;
    }
    const std::size_t begin = out.find_first_not_of(keep_lines ? "\n" : " ");
    if (begin == out.npos) return {};
    return out.substr(begin, out.find_last_not_of(" \n\t") + 1 - begin);
}

}  // namespace

std::size_t width(std::string_view text) {
    std::size_t all = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Character one = characterAt(text, at);
        all += widthOf(one);
        at += one.bytes;
    }
    return all;
}

std::string cut(std::string_view text, std::size_t most) {
    std::size_t all = 0, end = 0;
    bool joiner_before = false;
    for (std::size_t at = 0; at < text.size();) {
        const Character one = characterAt(text, at);
        // Here the text may end and leave room for the ellipsis.
        if (all + 1 <= most && !isJoined(one.code) && !joiner_before) end = at;
        joiner_before = one.code == 0x200D;
        all += widthOf(one);
        at += one.bytes;
        if (all > most)
            return most == 0 ? std::string() : std::string(text.substr(0, end)).append(kEllipsis);
    }
    return std::string(text);
}

std::string cutToEnd(std::string_view text, std::size_t most) {
    std::size_t left = width(text);
    if (left <= most) return std::string(text);
    if (most == 0) return {};
    std::size_t at = 0, line = text.npos;
    bool joiner_before = false;
    for (; at < text.size();) {
        const Character one = characterAt(text, at);
        if (left + 1 <= most && !isJoined(one.code) && !joiner_before) break;
        joiner_before = one.code == 0x200D;
        left -= widthOf(one);
        at += one.bytes;
    }
    // From the beginning of a line, where that does not cost most of what there is room for.
    if (const auto found = text.find('\n', at); found != text.npos) line = found;
    if (line != text.npos && line - at < (text.size() - at) / 2)
        return std::string(kEllipsis).append(text.substr(line));
    return std::string(kEllipsis).append(text.substr(at));
}

std::string oneLine(std::string_view text) {
    return cleaned(text, false);
}

std::string lines(std::string_view text) {
    return cleaned(text, true);
}

std::string withoutSlash(std::string url) {
    while (!url.empty() && url.back() == '/') url.pop_back();
    return url;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

}  // namespace iac::notifiers

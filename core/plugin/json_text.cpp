#include "plugin/json_text.hpp"

#include <cstdint>
#include <cstdio>

namespace iac::plugin {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::uint8_t at(std::string_view text, std::size_t index) {
    return index < text.size() ? static_cast<std::uint8_t>(text[index]) : 0;
}

bool continues(std::uint8_t byte) {
    return (byte & 0xC0) == 0x80;
}

// Length of the well-formed UTF-8 sequence at the beginning of text; 0 when there is none.
// The bounds of the second byte are those of the Unicode standard, table 3-7.
std::size_t sequenceLength(std::string_view text) {
    const std::uint8_t first = at(text, 0), second = at(text, 1);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(second) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const std::uint8_t low = first == 0xE0 ? 0xA0 : 0x80, high = first == 0xED ? 0x9F : 0xBF;
        return second >= low && second <= high && continues(at(text, 2)) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const std::uint8_t low = first == 0xF0 ? 0x90 : 0x80, high = first == 0xF4 ? 0x8F : 0xBF;
        const bool good = second >= low && second <= high;
        return good && continues(at(text, 2)) && continues(at(text, 3)) ? 4 : 0;
    }
    return 0;
}

bool isPlain(char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

void appendControl(std::string& out, char c) {
    switch (c) {
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            out += escaped;
    }
}

}  // namespace

void appendQuoted(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && isPlain(text[plain])) ++plain;
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const char c = text[0];
        const std::size_t length = sequenceLength(text);
        if (c == '"' || c == '\\') {
            (out += '\\') += c;
        } else if (length == 0) {
            out += kReplacement;
        } else if (length == 1) {
            appendControl(out, c);
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out += '"';
}

}  // namespace iac::plugin

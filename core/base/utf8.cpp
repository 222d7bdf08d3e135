#include "base/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace iac {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u;
}

/// Bytes of the character that `text` begins with; 0 when it is none. RFC 3629: no overlong forms,
/// no surrogates, nothing above U+10FFFF.
std::size_t characterSize(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) return 1;
    std::size_t size = 0;
    unsigned low = 0x80, high = 0xbf;  // of the second byte
    if (first >= 0xc2 && first <= 0xdf) {
        size = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        size = 3;
        if (first == 0xe0) low = 0xa0;
        if (first == 0xed) high = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
        size = 4;
        if (first == 0xf0) low = 0x90;
        if (first == 0xf4) high = 0x8f;
    }
    if (size == 0 || text.size() < size) return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    if (second < low || second > high) return 0;
    return std::ranges::all_of(text.substr(2, size - 2), continues) ? size : 0;
}

}  // namespace

std::pair<unsigned, std::size_t> decodeUtf8(std::string_view text) {
    const std::size_t size = text.empty() ? 0 : characterSize(text);
    if (size == 0) return {0, 0};
    if (size == 1) return {static_cast<unsigned char>(text[0]), 1};
    unsigned code = static_cast<unsigned char>(text[0]) & (0xffu >> (size + 1));
    for (const char c : text.substr(1, size - 1))
        code = code << 6 | (static_cast<unsigned char>(c) & 0x3fu);
    return {code, size};
}

std::string pathText(std::string_view path) {
    std::string text;
    text.reserve(path.size());
    while (!path.empty()) {
        const std::size_t size = characterSize(path);
        if (path[0] == '\\') {
            text += "\\\\";
        } else if (size > 0) {
            text += path.substr(0, size);
        } else {
            const auto byte = static_cast<unsigned char>(path[0]);
            for (const int shift : {6, 3, 0}) {
                if (shift == 6) text += '\\';
                text += static_cast<char>('0' + (byte >> shift & 7));
            }
        }
        path.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return text;
}

std::string validUtf8(std::string_view text) {
    std::string valid;
    valid.reserve(text.size());
    while (!text.empty()) {
        const std::size_t size = characterSize(text);
        valid += size == 0 ? kReplacement : text.substr(0, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return valid;
}

}  // namespace iac

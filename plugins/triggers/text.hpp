#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace iac::triggers {

inline bool hasControl(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

/// The beginning of a text, at most `most` bytes and never half of a UTF-8 character.
inline std::string_view beginning(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    return text.substr(0, most);
}

/// What somebody sent, fit to be shown in a sentence: short, quoted, without control characters.
inline std::string shown(std::string_view text) {
    constexpr std::size_t kMost = 80;
    std::string out(beginning(text, kMost));
    std::replace_if(
        out.begin(), out.end(),
        [](char c) {
            return hasControl({&c, 1});
        },
        '?');
    return '"' + out + (text.size() > kMost ? "...\"" : "\"");
}

inline std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

}  // namespace iac::triggers

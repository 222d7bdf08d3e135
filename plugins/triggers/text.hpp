#pragma once

#include <algorithm>
#include <iac/text.hpp>
#include <string>
#include <string_view>

namespace iac::triggers {

inline bool hasControl(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

using text::beginning;
using text::lower;

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

}  // namespace iac::triggers

#include "cli/terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>

#include "base/utf8.hpp"

namespace iac::cli {
namespace {

const char* colourOf(std::string_view status) {
    static constexpr const char *green = "\033[32m", *red = "\033[31m", *yellow = "\033[33m",
                                *grey = "\033[90m";
    static const std::map<std::string_view, const char*> kColours{
        {"success", green},   {"changed", green},   {"ok", green},       {"deploy", green},
        {"accepted", green},  {"delivered", green}, {"valid", green},    {"failed", red},
        {"FAIL", red},        {"crashed", red},     {"given_up", red},   {"drifted", red},
        {"running", yellow},  {"queued", yellow},   {"pending", yellow}, {"warning", yellow},
        {"waiting", yellow},  {"held", yellow},     {"open", yellow},    {"cancelled", grey},
        {"superseded", grey}, {"skipped", grey},    {"skip", grey},      {"ignored", grey},
        {"ended", grey},      {"revoked", grey},    {"never", grey},
    };
    const auto found = kColours.find(status);
    return found == kColours.end() ? nullptr : found->second;
}

// Marks of Unicode that turn the direction of what follows: a name must not rewrite its line.
std::string withoutDirections(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, size] = decodeUtf8(text.substr(at));
        const bool turns = code == 0x61c || code == 0x200e || code == 0x200f ||
                           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
        const std::size_t bytes = std::max<std::size_t>(size, 1);
        if (!turns) out += text.substr(at, bytes);
        at += bytes;
    }
    return out;
}

std::string padded(const std::string& text, std::size_t to) {
    const std::size_t now = width(text);
    return now < to ? text + std::string(to - now, ' ') : text;
}

}  // namespace

bool colours() {
    static const bool answer = [] {
        const char* no = std::getenv("NO_COLOR");
        return (no == nullptr || *no == '\0') && ::isatty(STDOUT_FILENO) == 1;
    }();
    return answer;
}

std::string shownStatus(std::string_view status, std::size_t to) {
    const std::string text = padded(plain(status), to);
    const char* colour = colours() ? colourOf(status) : nullptr;
    return colour == nullptr ? text : colour + text + "\033[0m";
}

TerminalText::TerminalText(bool raw)
    : raw_(raw || ::isatty(STDOUT_FILENO) != 1), stripper_({true, true}) {}

std::string TerminalText::next(std::string_view bytes) {
    return raw_ ? std::string(bytes) : stripper_.next(bytes);
}

std::string plain(std::string_view text) {
    std::string shown = withoutDirections(text);
    // C1 control characters are two bytes in UTF-8: 0xc2 and 0x80 to 0x9f.
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const auto byte = static_cast<unsigned char>(shown[i]);
        const auto next = i + 1 < shown.size() ? static_cast<unsigned char>(shown[i + 1]) : 0u;
        if (byte < 0x20 || byte == 0x7f) shown[i] = '?';
        if (byte == 0xc2 && next >= 0x80 && next < 0xa0) shown.replace(i, 2, "?");
    }
    return shown;
}

std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; }));
}

std::string cut(const std::string& text, std::size_t most) {
    if (width(text) <= most) return text;
    std::string shorter;
    for (const char c : text) {
        const bool begins = (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
        if (begins && width(shorter) + 3 >= most) break;
        shorter += c;
    }
    return shorter + "...";
}

void printTable(const std::vector<std::vector<std::string>>& rows, std::size_t status) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (widths.size() <= i) widths.push_back(0);
            widths[i] = std::max(widths[i], width(row[i]));
        }
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::string line;
        for (std::size_t i = 0; i < rows[r].size(); ++i) {
            const bool last = i + 1 == rows[r].size();
            const std::size_t to = last ? 0 : widths[i];
            line += r > 0 && i == status ? shownStatus(rows[r][i], to) : padded(rows[r][i], to);
            if (!last) line += "  ";
        }
        // What is empty at the end of a row leaves no spaces behind.
        line.erase(line.find_last_not_of(' ') + 1);
        std::cout << line << '\n';
    }
}

std::string shownSeconds(double seconds) {
    if (seconds < 0) return {};
    char text[40];
    if (seconds < 60) {
        std::snprintf(text, sizeof text, "%.1f s", seconds);
    } else {
        const auto whole = std::llround(seconds);
        std::snprintf(text, sizeof text, "%lld min %lld s", whole / 60, whole % 60);
    }
    return text;
}

}  // namespace iac::cli

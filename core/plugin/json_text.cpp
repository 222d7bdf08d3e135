#include "plugin/json_text.hpp"

#include <algorithm>
#include <cstdio>

#include "base/utf8.hpp"

namespace iac::plugin {
namespace {

void appendSpecial(std::string& out, char c) {
    switch (c) {
        case '"':
        case '\\':
            (out += '\\') += c;
            return;
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

bool isPlain(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void appendEscaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && isPlain(text[plain])) ++plain;
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) return;
        appendSpecial(out, text[0]);
        text.remove_prefix(1);
    }
}

}  // namespace

void appendQuoted(std::string& out, std::string_view text) {
    out += '"';
    appendEscaped(out, isAscii(text) ? text : std::string_view(validUtf8(text)));
    out += '"';
}

}  // namespace iac::plugin

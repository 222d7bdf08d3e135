// Text of programs and of people, fit to be shown: for plugins that make sentences of what a
// program printed, and for the runner's own command line. C++17, header only, no locale.
// Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace iac::text {

/// The beginning of a UTF-8 text, at most `most` bytes and never a part of a character.
inline std::string_view beginning(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0u) == 0x80u) --most;
    return text.substr(0, most);
}

/// The end of a UTF-8 text, at most `most` bytes and never a part of a character.
inline std::string_view ending(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    text.remove_prefix(text.size() - most);
    while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0u) == 0x80u)
        text.remove_prefix(1);
    return text;
}

/// A to Z as a to z, and every other byte as it is.
inline std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// What Stripper leaves in a text.
struct Keep {
    bool lines = false;  ///< line feed, carriage return and tab; else they are dropped
    bool colours =
        false;  ///< SGR sequences ("ESC [ 31 m"), which change how text looks and no more
};

/// Takes out of a text what a terminal would carry out instead of showing it: the escape sequences
/// and control strings of ECMA-48 (CSI, OSC, DCS, SOS, PM, APC, character sets; also as C1 controls
/// in UTF-8), other control characters, and the marks of Unicode that turn the direction of text.
/// Works on pieces: a sequence may be parted anywhere. One thread.
class Stripper {
public:
    explicit Stripper(Keep keep = {}) : keep_(keep) {}

    std::string next(std::string_view bytes) {
        std::string out;
        out.reserve(bytes.size());
        for (const char byte : bytes) take(byte, out);
        return out;
    }

private:
    enum class At { text, multibyte, escape, charset, csi, string, string_escape };

    // The longest sequence and string that is taken for one: what an attacker leaves open must not
    // swallow all that follows.
    static constexpr std::size_t kLongestSequence = 256;
    static constexpr std::size_t kLongestString = 4096;

    void take(char c, std::string& out) {
        const auto byte = static_cast<unsigned char>(c);
        switch (at_) {
            case At::text:
                takeText(byte, out);
                return;
            case At::multibyte:
                takeMultibyte(byte, out);
                return;
            case At::escape:
                takeEscape(byte, out);
                return;
            case At::charset:
                if (byte < 0x20 || byte > 0x2f) at_ = At::text;
                return;
            case At::csi:
                takeSequence(byte, out);
                return;
            case At::string:
                if (byte == 0x1b) {
                    at_ = At::string_escape;
                } else if (byte == 0x07 || byte == '\n' || ++length_ > kLongestString) {
                    at_ = At::text;
                    if (byte == '\n') takeText(byte, out);
                } else if (last_ == 0xc2 && byte == 0x9c) {
                    at_ = At::text;
                }
                last_ = byte;
                return;
            case At::string_escape:
                at_ = At::text;
                if (byte != '\\') takeEscape(byte, out);
                return;
        }
    }

    void takeText(unsigned char byte, std::string& out) {
        if (byte == 0x1b) {
            at_ = At::escape;
        } else if (byte == 0xc2 || byte == 0xd8 || byte == 0xe2) {
            held_ = static_cast<char>(byte);
            at_ = At::multibyte;
        } else if (byte >= 0x20 && byte != 0x7f) {
            out += static_cast<char>(byte);
        } else if (keep_.lines && (byte == '\n' || byte == '\r' || byte == '\t')) {
            out += static_cast<char>(byte);
        }
    }

    // A character that may be a C1 control or a mark of direction.
    void takeMultibyte(unsigned char byte, std::string& out) {
        if ((byte & 0xc0u) != 0x80u) {  // not a part of it
            out += held_;
            at_ = At::text;
            takeText(byte, out);
            return;
        }
        held_ += static_cast<char>(byte);
        const auto first = static_cast<unsigned char>(held_[0]);
        if (first == 0xe2 && held_.size() < 3) return;
        at_ = At::text;
        if (first == 0xc2 && byte < 0xa0) return takeC1(byte);
        if (!turnsDirection()) out += held_;
    }
    bool turnsDirection() const {
        const auto is = [this](std::size_t at) { return static_cast<unsigned char>(held_[at]); };
        if (held_ == "\xd8\x9c") return true;  // U+061C
        if (held_.size() != 3 || is(0) != 0xe2) return false;
        if (is(1) == 0x80)  // U+200E, U+200F, U+202A to U+202E
            return is(2) == 0x8e || is(2) == 0x8f || (is(2) >= 0xaa && is(2) <= 0xae);
        return is(1) == 0x81 && is(2) >= 0xa6 && is(2) <= 0xa9;  // U+2066 to U+2069
    }
    void takeC1(unsigned char control) {
        if (control == 0x9b) {
            held_ = "\x1b[";
            at_ = At::csi;
        } else if (control == 0x90 || control == 0x98 || control == 0x9d || control == 0x9e ||
                   control == 0x9f) {
            beginString();
        }
    }

    void takeEscape(unsigned char byte, std::string& out) {
        at_ = At::text;
        if (byte == '[') {
            held_ = "\x1b[";
            at_ = At::csi;
        } else if (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_') {
            beginString();
        } else if (byte >= 0x20 && byte <= 0x2f) {
            at_ = At::charset;
        } else if (byte < 0x20 || byte > 0x7e) {
            takeText(byte, out);  // ESC was alone
        }
    }
    void beginString() {
        at_ = At::string;
        length_ = 0;
        last_ = 0;
    }

    void takeSequence(unsigned char byte, std::string& out) {
        if (byte >= 0x20 && byte <= 0x3f && held_.size() < kLongestSequence) {
            held_ += static_cast<char>(byte);
            return;
        }
        at_ = At::text;
        if (byte < 0x20 || byte > 0x7e) return takeText(byte, out);  // it was broken off
        if (byte == 'm' && keep_.colours) out += held_ + 'm';
    }

    Keep keep_;
    At at_ = At::text;
    std::string held_;
    std::size_t length_ = 0;
    unsigned char last_ = 0;
};

/// The same of a whole text.
inline std::string stripped(std::string_view text, Keep keep = {}) {
    return Stripper(keep).next(text);
}

}  // namespace iac::text

#include "segment.hpp"

#include <algorithm>
#include <iac/plugin.hpp>

namespace iac::path_rules {
namespace {

constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

// Bytes of the UTF-8 character at the beginning; 1 for what is none.
std::size_t characterSize(std::string_view rest) {
    std::size_t size = 1;
    if (static_cast<unsigned char>(rest[0]) < 0xC0) return size;
    while (size < 4 && size < rest.size() &&
           (static_cast<unsigned char>(rest[size]) & 0xC0) == 0x80)
        ++size;
    return size;
}

// A number that is the same for the same character, and in order: all that a set asks for.
char32_t character(std::string_view bytes) {
    char32_t out = 0;
    for (const char byte : bytes) out = out << 8 | static_cast<unsigned char>(byte);
    return out;
}

// The next character of a set, where a backslash makes the one behind it an ordinary one.
char32_t takeCharacter(std::string_view& rest) {
    if (rest[0] == '\\') rest.remove_prefix(1);
    if (rest.empty()) invalid("\"[\" is not closed");
    const auto size = characterSize(rest);
    const char32_t out = character(rest.substr(0, size));
    rest.remove_prefix(size);
    return out;
}

}  // namespace

Segment::Segment(std::string_view text, std::vector<std::string>& names) {
    if (text.find("**") != std::string_view::npos)
        invalid("\"**\" has to stand between slashes; within a name write \"*\"");
    for (std::string_view rest = text; !rest.empty();) {
        switch (rest[0]) {
            case '*':
                tokens_.push_back({Kind::any});
                rest.remove_prefix(1);
                break;
            case '?':
                tokens_.push_back({Kind::one});
                rest.remove_prefix(1);
                break;
            case '[':
                addSet(rest);
                break;
            case '{':
                addCapture(rest, names);
                break;
            case '}':
                invalid("\"}\" closes nothing; write \"\\}\" for the character");
            case '\\':
                if (rest.size() == 1) invalid("it ends with a lone backslash");
                addLiteral(rest.substr(1, 1));
                rest.remove_prefix(2);
                break;
            default:
                addLiteral(rest.substr(0, 1));
                rest.remove_prefix(1);
        }
    }
}

void Segment::addLiteral(std::string_view text) {
    if (tokens_.empty() || tokens_.back().kind != Kind::literal) tokens_.push_back({Kind::literal});
    tokens_.back().text += text;
}

void Segment::addSet(std::string_view& rest) {
    Token token{Kind::set};
    rest.remove_prefix(1);
    if (!rest.empty() && (rest[0] == '!' || rest[0] == '^')) {
        token.negated = true;
        rest.remove_prefix(1);
    }
    // "]" as the first character is an ordinary one, as in every glob.
    do {
        if (rest.empty()) invalid("\"[\" is not closed");
        const char32_t first = takeCharacter(rest);
        char32_t last = first;
        if (rest.size() > 1 && rest[0] == '-' && rest[1] != ']') {
            rest.remove_prefix(1);
            last = takeCharacter(rest);
        }
        if (last < first) invalid("a range in \"[...]\" runs backwards");
        token.set.emplace_back(first, last);
    } while (rest.empty() || rest[0] != ']');
    rest.remove_prefix(1);
    tokens_.push_back(std::move(token));
}

void Segment::addCapture(std::string_view& rest, std::vector<std::string>& names) {
    const auto end = rest.find('}');
    if (end == std::string_view::npos) invalid("\"{\" is not closed");
    const std::string name(rest.substr(1, end - 1));
    if (name.empty() || name.find_first_not_of(kLetters) != std::string::npos)
        invalid("\"{" + name + "}\" is no capture: its name is letters, digits and \"_\" (for " +
                "alternatives write one rule each)");
    if (std::find(names.begin(), names.end(), name) != names.end())
        invalid("\"{" + name + "}\" is captured twice");
    Token token{Kind::capture};
    token.number = names.size();
    names.push_back(name);
    tokens_.push_back(std::move(token));
    rest.remove_prefix(end + 1);
}

std::string_view Segment::prefix() const {
    if (tokens_.empty() || tokens_.front().kind != Kind::literal) return {};
    return tokens_.front().text;
}

std::string_view Segment::suffix() const {
    if (tokens_.empty() || tokens_.back().kind != Kind::literal) return {};
    return tokens_.back().text;
}

// How many bytes the token takes from the beginning of rest; 0: it does not match.
std::size_t Segment::matchOne(const Token& token, std::string_view rest) {
    if (rest.empty()) return 0;
    if (token.kind == Kind::literal)
        return rest.compare(0, token.text.size(), token.text) == 0 ? token.text.size() : 0;
    const std::size_t size = characterSize(rest);
    if (token.kind == Kind::one) return size;
    const char32_t c = character(rest.substr(0, size));
    const bool in = std::any_of(token.set.begin(), token.set.end(), [c](const auto& range) {
        return range.first <= c && c <= range.second;
    });
    return in != token.negated ? size : 0;
}

bool Segment::match(std::string_view part, Captured& captured) const {
    // Most rules that do not match are told by how they end: "*.redis" on "01.postgres".
    if (const auto last = suffix(); part.size() < last.size() ||
                                    part.compare(part.size() - last.size(), last.size(), last) != 0)
        return false;
    // Only the last wildcard ever has to take more: what an earlier one could take instead, the
    // last one can reach as well. So there is nothing to try twice.
    constexpr std::size_t kNone = ~std::size_t{0};
    std::size_t at = 0, token = 0, wildcard = kNone, begin = 0, end = 0;
    for (;;) {
        if (token == tokens_.size()) {
            if (at == part.size()) return true;
        } else if (tokens_[token].kind == Kind::any || tokens_[token].kind == Kind::capture) {
            const bool capture = tokens_[token].kind == Kind::capture;
            if (capture && at == part.size()) return false;
            wildcard = token++;
            begin = at;
            end = token == tokens_.size() ? part.size()
                  : capture               ? at + characterSize(part.substr(at))
                                          : at;
            if (capture) captured[tokens_[wildcard].number] = part.substr(begin, end - begin);
            at = end;
            continue;
        } else if (const auto size = matchOne(tokens_[token], part.substr(at)); size > 0) {
            at += size;
            ++token;
            continue;
        }
        if (wildcard == kNone || end == part.size()) return false;
        end += characterSize(part.substr(end));
        if (tokens_[wildcard].kind == Kind::capture)
            captured[tokens_[wildcard].number] = part.substr(begin, end - begin);
        at = end;
        token = wildcard + 1;
    }
}

}  // namespace iac::path_rules

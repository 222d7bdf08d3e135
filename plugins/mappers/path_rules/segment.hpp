#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iac::path_rules {

/// What the captures of a pattern stand for, by their number. Views into the path.
using Captured = std::vector<std::string_view>;

/// The part of a pattern between two slashes. Immutable; [any-thread]
class Segment {
public:
    /// `names` are the captures of the pattern so far; those of this segment are appended. Throws
    /// iac::invalid.
    Segment(std::string_view text, std::vector<std::string>& names);

    /// Takes at most as many steps as the two lengths multiplied. Each wildcard takes as little as
    /// it can, from left to right: "*.{name}" on "01.a.b" captures "a.b".
    bool match(std::string_view part, Captured& captured) const;

    /// No wildcard in it: it stands for prefix() alone.
    bool literal() const { return tokens_.size() == 1 && tokens_[0].kind == Kind::literal; }
    /// The literal text it begins and ends with.
    std::string_view prefix() const;
    std::string_view suffix() const;

private:
    enum class Kind { literal, one, set, any, capture };
    struct Token {
        Kind kind;
        std::string text = {};                                // literal
        std::vector<std::pair<char32_t, char32_t>> set = {};  // set: ranges, both ends in
        bool negated = false;                                 // set
        std::size_t number = 0;                               // capture
    };

    // Each reads one token at the beginning of `rest` and takes it off.
    void addLiteral(std::string_view text);
    void addSet(std::string_view& rest);
    void addCapture(std::string_view& rest, std::vector<std::string>& names);

    static std::size_t matchOne(const Token& token, std::string_view rest);

    std::vector<Token> tokens_;
};

}  // namespace iac::path_rules

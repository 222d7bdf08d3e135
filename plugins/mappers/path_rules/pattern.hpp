#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "segment.hpp"

namespace iac::path_rules {

/// A path and its parts between the slashes. Views: valid as long as the text.
struct Path {
    explicit Path(std::string_view path);
    std::string_view text;
    std::vector<std::string_view> parts;
};

/// A glob over paths: `*`, `?`, `[a-z]`, `{name}` within one segment, `**` for any number of
/// segments. Compiled once; immutable; [any-thread]
class Pattern {
public:
    /// Throws iac::invalid with what is wrong.
    explicit Pattern(std::string_view text);

    /// Whether it matches the whole path. captured gets one view for each of captures(). Bounded:
    /// no more steps than the length of the path by the length of the pattern.
    bool match(const Path& path, Captured& captured) const;

    /// The names in braces, in order.
    const std::vector<std::string>& captures() const { return captures_; }
    /// The folders it begins with, up to the first wildcard: "platform", "a/b"; empty: anywhere.
    const std::string& folder() const { return folder_; }

private:
    struct Part {
        bool deep;  // "**"
        Segment segment;
    };
    void describe();

    std::vector<Part> parts_;
    std::vector<std::string> captures_;
    std::string folder_;
    std::string prefix_, suffix_;  // literal text at both ends of what matches: a fast no
};

}  // namespace iac::path_rules

#include "planning/discover.hpp"

#include <algorithm>
#include <utility>

namespace iac::planning {
namespace {

std::pair<std::string_view, std::string_view> cut(std::string_view text, char at) {
    const std::size_t found = text.find(at);
    if (found == std::string_view::npos) return {text, {}};
    return {text.substr(0, found), text.substr(found + 1)};
}

// A path segment is short, and so is its pattern: trying every length is bounded by 255 characters.
bool matchSegment(std::string_view pattern, std::string_view segment, Captures& captures) {
    if (pattern.empty()) return segment.empty();
    const bool capture = pattern[0] == '{' && pattern.find('}') != std::string_view::npos;
    if (!capture && pattern[0] != '*')
        return !segment.empty() && segment[0] == pattern[0] &&
               matchSegment(pattern.substr(1), segment.substr(1), captures);

    const std::size_t end = capture ? pattern.find('}') + 1 : 1;
    const std::string_view rest = pattern.substr(end);
    const std::size_t least = capture ? 1 : 0;
    for (std::size_t size = rest.empty() ? std::max(least, segment.size()) : least;
         size <= segment.size(); ++size) {
        if (!matchSegment(rest, segment.substr(size), captures)) continue;
        if (capture)
            captures.insert_or_assign(std::string(pattern.substr(1, end - 2)),
                                      std::string(segment.substr(0, size)));
        return true;
    }
    return false;
}

}  // namespace

std::optional<Captures> matchPath(std::string_view pattern, std::string_view path) {
    Captures captures;
    while (true) {
        const auto [patternSegment, patternRest] = cut(pattern, '/');
        const auto [segment, rest] = cut(path, '/');
        if (!matchSegment(patternSegment, segment, captures)) return std::nullopt;
        if (patternRest.empty() != rest.empty()) return std::nullopt;
        if (patternRest.empty()) return captures;
        pattern = patternRest;
        path = rest;
    }
}

std::string replaceCaptures(std::string_view text, const Captures& captures) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
        const auto found = end == std::string_view::npos
                               ? captures.end()
                               : captures.find(text.substr(at + 1, end - at - 1));
        if (found == captures.end()) {
            out += text[at++];
        } else {
            out += found->second;
            at = end + 1;
        }
    }
    return out;
}

}  // namespace iac::planning

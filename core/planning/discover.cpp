#include "planning/discover.hpp"

#include <algorithm>
#include <utility>

namespace iac::planning {
namespace {

// The text before the first slash, and what comes after it; nothing when there is no slash.
std::pair<std::string_view, std::optional<std::string_view>> firstSegment(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return {text, std::nullopt};
    return {text.substr(0, slash), text.substr(slash + 1)};
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
        const auto [patternSegment, patternRest] = firstSegment(pattern);
        const auto [segment, rest] = firstSegment(path);
        if (!matchSegment(patternSegment, segment, captures)) return std::nullopt;
        if (patternRest.has_value() != rest.has_value()) return std::nullopt;
        if (!patternRest) return captures;
        pattern = *patternRest;
        path = *rest;
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

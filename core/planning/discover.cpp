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

// Empty: there is no transform of that name.
std::optional<std::string> transform(std::string text, std::string_view how) {
    if (how == "dashed") {
        std::ranges::replace(text, '_', '-');
    } else if (how == "lower") {
        std::ranges::transform(text, text.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
    } else {
        return std::nullopt;
    }
    return text;
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
        const auto inside =
            end == std::string_view::npos ? std::string_view() : text.substr(at + 1, end - at - 1);
        const auto bar = inside.find('|');
        const auto found = captures.find(inside.substr(0, bar));
        const auto transformed = found == captures.end() ? std::nullopt
                                 : bar == std::string_view::npos
                                     ? std::optional(found->second)
                                     : transform(found->second, inside.substr(bar + 1));
        if (!transformed) {
            out += text[at++];
        } else {
            out += *transformed;
            at = end + 1;
        }
    }
    return out;
}

std::string whyNoName(std::string_view name, std::string_view extra) {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const std::string allowed = std::string(kLetters) + "._-" + std::string(extra);
    if (name.empty()) return "it is empty";
    // "-x" would be an option of the program that gets it, "." and ".x" a place.
    if (name.front() == '-' || name.front() == '.')
        return std::string("it begins with \"") + name.front() + "\"";
    const auto other = name.find_first_not_of(allowed);
    if (other == std::string_view::npos) return {};
    return "it holds a character other than letters, digits, \".\", \"_\" and \"-\" (see "
           "services[].extra_characters)";
}

}  // namespace iac::planning

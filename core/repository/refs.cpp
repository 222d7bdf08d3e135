// What may be the name of a branch, a tag or a commit.
#include <algorithm>

#include "model/event.hpp"
#include "repository/mirror.hpp"

namespace iac::repository {
namespace {

constexpr std::size_t kLongestRef = 255;  // a ref is a file name for git

bool isForbidden(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f ||
           std::string_view("~^:?*[\\").find(c) != std::string_view::npos;
}

bool isValidPart(std::string_view part) {
    return !part.empty() && !part.starts_with('.') && !part.ends_with(".lock");
}

// A SHA as people write it: abbreviated, or in capitals.
bool looksLikeSha(std::string_view text) {
    constexpr std::size_t kShortest = 4;  // that git takes
    constexpr std::size_t kLongest = 64;
    const auto isHexDigit = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    return text.size() >= kShortest && text.size() <= kLongest &&
           std::ranges::all_of(text, isHexDigit);
}

}  // namespace

bool isValidRef(std::string_view ref) {
    if (ref.empty() || ref.size() > kLongestRef || ref == "@") return false;
    if (ref.starts_with('-') || ref.ends_with('.')) return false;
    if (std::ranges::any_of(ref, isForbidden)) return false;
    if (ref.find("..") != std::string_view::npos || ref.find("@{") != std::string_view::npos)
        return false;
    for (std::size_t begin = 0; begin <= ref.size();) {
        const std::size_t end = std::min(ref.find('/', begin), ref.size());
        if (!isValidPart(ref.substr(begin, end - begin))) return false;
        begin = end + 1;
    }
    return true;
}

std::string noSuchRef(std::string_view ref, std::string_view tag) {
    const std::string name(tag.empty() ? ref : tag);
    const bool sha = looksLikeSha(name);
    if (!tag.empty())
        return "there is no tag \"" + name + "\" in the repository" +
               (sha ? "; a commit is asked for as a ref, not as a tag" : "");
    if (!sha || isFullSha(name))
        return "there is no branch, tag or commit \"" + name + "\" in the repository";
    return "there is no branch or tag \"" + name +
           "\" in the repository; a commit is asked for by its full SHA in lower case, as \"git "
           "rev-parse " +
           name + "\" prints it";
}

}  // namespace iac::repository

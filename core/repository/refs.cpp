// What may be the name of a branch, a tag or a commit.
#include <algorithm>

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

}  // namespace iac::repository

#include "ref.hpp"

#include "../text.hpp"

namespace iac::triggers {
namespace {

constexpr std::size_t kLongestRef = 1024;
constexpr std::string_view kLock = ".lock";

bool endsWith(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Of one part between slashes.
std::string brokenPartRule(std::string_view part) {
    if (part.empty()) return "may not begin or end with \"/\", nor have \"//\" in it";
    if (part.front() == '.') return "may not have a part that begins with \".\"";
    if (endsWith(part, kLock)) return "may not have a part that ends with \".lock\"";
    return {};
}

}  // namespace

std::string brokenRefRule(std::string_view ref) {
    if (ref.empty()) return "may not be empty";
    if (ref.size() > kLongestRef)
        return "may not be longer than " + std::to_string(kLongestRef) + " bytes";
    if (ref.front() == '-') return "may not begin with \"-\"";
    if (hasControl(ref)) return "may not have control characters in it";
    if (const auto at = ref.find_first_of(" ~^:?*[\\"); at != std::string_view::npos)
        return "may not have \"" + std::string(1, ref[at]) + "\" in it";
    if (ref.find("..") != std::string_view::npos) return "may not have \"..\" in it";
    if (ref.find("@{") != std::string_view::npos) return "may not have \"@{\" in it";
    if (ref == "@") return "may not be \"@\" alone";
    if (ref.back() == '.') return "may not end with \".\"";
    for (std::size_t begin = 0; begin <= ref.size();) {
        const auto end = std::min(ref.find('/', begin), ref.size());
        if (auto rule = brokenPartRule(ref.substr(begin, end - begin)); !rule.empty()) return rule;
        begin = end + 1;
    }
    return {};
}

}  // namespace iac::triggers

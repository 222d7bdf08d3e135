#include "repository.hpp"

#include <algorithm>

#include "text.hpp"

namespace iac::triggers {
namespace {

std::string_view withoutEnds(std::string_view path) {
    while (!path.empty() && path.front() == '/') path.remove_prefix(1);
    while (!path.empty() && path.back() == '/') path.remove_suffix(1);
    constexpr std::string_view kGit = ".git";
    if (path.size() > kGit.size() && path.substr(path.size() - kGit.size()) == kGit)
        path.remove_suffix(kGit.size());
    return path;
}

// A full name as it stands, or the path of an address.
std::string nameOf(std::string_view text) {
    if (auto path = repositoryPath(text); !path.empty()) return path;
    const bool is_place = text.find("://") != text.npos || (!text.empty() && text.front() == '/') ||
                          (!text.empty() && text.front() == '.');
    return is_place ? std::string() : lower(withoutEnds(text));
}

}  // namespace

std::string repositoryPath(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != url.npos) {
        if (lower(url.substr(0, scheme)) == "file") return {};
        const auto path = url.find('/', scheme + 3);
        return path == url.npos ? std::string() : lower(withoutEnds(url.substr(path)));
    }
    // "git@host:path", as scp takes it: the colon comes before the first slash.
    const auto colon = url.find(':');
    if (colon == url.npos || colon > url.find('/')) return {};
    return lower(withoutEnds(url.substr(colon + 1)));
}

Repositories::Repositories(const std::vector<std::string>& named) {
    for (const auto& one : named) named_.push_back(nameOf(one));
}

bool Repositories::take(const std::vector<std::string>& names, std::string_view configured) const {
    const auto taken = wanted(configured);
    bool compared = false;
    for (const auto& name : names) {
        const std::string path = nameOf(name);
        if (path.empty()) continue;
        if (std::find(taken.begin(), taken.end(), path) != taken.end()) return true;
        compared = true;
    }
    return !compared || taken.empty();
}

std::string Repositories::shownFor(std::string_view configured) const {
    std::string names;
    for (const auto& one : wanted(configured)) names += (names.empty() ? "" : ", ") + one;
    return names;
}

std::vector<std::string> Repositories::wanted(std::string_view configured) const {
    if (!named_.empty()) return named_;
    auto own = repositoryPath(configured);
    return own.empty() ? std::vector<std::string>() : std::vector{std::move(own)};
}

}  // namespace iac::triggers

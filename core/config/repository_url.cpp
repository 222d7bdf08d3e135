#include "config/repository_url.hpp"

#include <algorithm>
#include <array>

namespace iac::config {

namespace {

constexpr std::array kSchemes{std::string_view("https"), std::string_view("ssh"),
                              std::string_view("file")};

}  // namespace

std::string repositoryUrlFault(const std::string& url) {
    if (url.empty()) return {};  // the schema says that one is needed
    if (url.front() == '-') return "begins with \"-\", which git would take for an option";
    if (std::any_of(url.begin(), url.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        return "contains a control character";
    if (url.front() == '~') return kTildeFault;
    // "ext::sh -c ..." runs a program; every "name::" is a helper of git.
    const auto helper = url.find("::");
    if (helper != std::string::npos && url.find_first_of("/@[") > helper)
        return "names a helper of git (\"" + url.substr(0, helper + 2) +
               "\"): expected an https or ssh address, or a path";
    const auto scheme = url.find("://");
    if (scheme == std::string::npos) return {};
    const auto name = std::string_view(url).substr(0, scheme);
    if (std::find(kSchemes.begin(), kSchemes.end(), name) == kSchemes.end())
        return "begins with \"" + std::string(name) +
               "://\", which is not used: expected https://, ssh://, file:// or a path";
    const auto host = std::string_view(url).substr(scheme + 3);
    if (name != "file" && (host.empty() || host.front() == '/')) return "names no host";
    if (name == "file" && !host.starts_with('/'))
        return "names no absolute path: write file:///srv/infrastructure, or the path alone";
    if (host.starts_with('-')) return "has a host that begins with \"-\"";
    return {};
}

bool isRepositoryPath(std::string_view url) {
    if (url.find("://") != std::string_view::npos) return false;
    // As git decides: a colon before the first slash is "host:path".
    return url.find(':') >= url.find('/');
}

std::string withoutLogin(std::string_view url) {
    constexpr std::string_view kScheme = "https://";
    if (!url.starts_with(kScheme)) return std::string(url);
    const auto end = url.find('/', kScheme.size());
    const auto at = url.substr(0, end).rfind('@');
    if (at == std::string_view::npos) return std::string(url);
    return std::string(kScheme) + std::string(url.substr(at + 1));
}

std::string_view passwordIn(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    auto authority = url.substr(scheme + 3);
    authority = authority.substr(0, authority.find('/'));
    const auto at = authority.rfind('@');
    if (at == std::string_view::npos) return {};
    const auto user = authority.substr(0, at);
    const auto colon = user.find(':');
    return colon == std::string_view::npos ? std::string_view() : user.substr(colon + 1);
}

}  // namespace iac::config

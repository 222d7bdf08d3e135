#include "config/repository_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace iac::config {

namespace {

constexpr std::array kSchemes{std::string_view("https"), std::string_view("ssh"),
                              std::string_view("file")};

/// Of "user@host:port".
std::string hostFault(std::string_view authority) {
    auto host = authority.substr(authority.rfind('@') + 1);
    if (host.find_first_of(" \"<>\\^`{|}?#") != std::string_view::npos)
        return "has a host with a character that no host has";
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        if (end == std::string_view::npos) return "has a host with \"[\" and no \"]\"";
        host.remove_prefix(end + 1);
    }
    const auto colon = host.find(':');
    if (colon == std::string_view::npos) return {};
    const auto port = host.substr(colon + 1);
    std::uint16_t number = 0;
    const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error == std::errc::result_out_of_range) return "has a port above 65535";
    if (error != std::errc{} || rest != port.data() + port.size())
        return "has no number behind the \":\" of its host; where that is part of a password, "
               "leave "
               "it out, and set repository.username and repository.password";
    return {};
}

constexpr std::string_view kHttps = "https://";

std::string_view authorityOf(std::string_view url) {
    url.remove_prefix(kHttps.size());
    return url.substr(0, url.find('/'));
}

/// The user and password. Where the file says "https://${TOKEN}@host/...", all that stands for
/// ${TOKEN}, also behind a "/" in it; of an address that is a secret itself, what the first "/"
/// ends.
std::string_view loginIn(std::string_view written, std::string_view url) {
    if (written.starts_with(kHttps)) {
        const auto end = authorityOf(written).rfind('@');
        const auto rest = end == std::string_view::npos ? std::string_view()
                                                        : written.substr(kHttps.size() + end);
        if (!rest.empty() && rest.find("${") == std::string_view::npos && url.ends_with(rest))
            return url.substr(kHttps.size(), url.size() - kHttps.size() - rest.size());
    }
    const auto authority = authorityOf(url);
    const auto end = authority.rfind('@');
    return end == std::string_view::npos ? std::string_view() : authority.substr(0, end);
}

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
    return name == "file" ? std::string() : hostFault(host.substr(0, host.find('/')));
}

std::string urlLoginFault(std::string_view written, std::string_view url) {
    if (!url.starts_with(kHttps)) return {};
    const auto login = loginIn(written, url);
    if (login.find_first_of("/%") != std::string_view::npos)
        return "has a \"/\" or \"%\" in its user or password, which cannot be told from the rest "
               "of "
               "the address: leave both out, and set repository.username and repository.password";
    return {};
}

bool isRepositoryPath(std::string_view url) {
    if (url.find("://") != std::string_view::npos) return false;
    // As git decides: a colon before the first slash is "host:path".
    return url.find(':') >= url.find('/');
}

std::string withoutLogin(std::string_view url) {
    if (!url.starts_with(kHttps)) return std::string(url);
    const auto end = url.find('/', kHttps.size());
    const auto at = url.substr(0, end).rfind('@');
    if (at == std::string_view::npos) return std::string(url);
    return std::string(kHttps) + std::string(url.substr(at + 1));
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

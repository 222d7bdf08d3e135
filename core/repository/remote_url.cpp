#include "repository/remote_url.hpp"

#include <Poco/Base64Encoder.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "repository/mirror.hpp"

namespace iac::repository {
namespace {

std::string base64(const std::string& bytes) {
    std::ostringstream out;
    Poco::Base64Encoder encoder(out);
    encoder.rdbuf()->setLineLength(0);
    encoder << bytes;
    encoder.close();
    return out.str();
}

// "git@example.com:team/infrastructure.git": ssh, as scp writes it. A path has a slash before any
// colon.
bool isScpLike(std::string_view url) {
    const std::size_t colon = url.find(':');
    return colon != std::string_view::npos && url.find('/') > colon;
}

bool isPort(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

[[noreturn]] void refuse() {
    throw GitFailed("git_failed",
                    "repository.url is not understood: its user or password has a \"/\" or \"%\" "
                    "in it; leave them out, and set repository.username and repository.password");
}

// pair: "user:password". url.text is without credentials.
void logInAs(RemoteUrl& url, const std::string& pair) {
    const std::size_t path = url.text.find('/', url.text.find("://") + 3);
    url.header = "Authorization: Basic " + base64(pair);
    url.header_place = url.text.substr(0, path) + "/";
}

void takeCredentials(RemoteUrl& url, std::string_view scheme, std::string_view rest) {
    const std::string_view authority = rest.substr(0, rest.find('/'));
    const std::size_t at = authority.rfind('@');
    const std::string_view host =
        at == std::string_view::npos ? authority : authority.substr(at + 1);
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && !host.ends_with(']') && !isPort(host.substr(colon + 1)))
        refuse();  // "https://user:pass/word@host": what looks like the port is half a password
    if (at == std::string_view::npos) return;

    const std::string_view user_info = authority.substr(0, at);
    const std::string place = std::string(scheme) + "://" + std::string(host);
    const std::string path(rest.substr(authority.size()));
    if (scheme == "ssh") {  // ssh takes no password from a url; the user is no secret
        const std::string_view user = user_info.substr(0, user_info.find(':'));
        url.text = "ssh://" + std::string(user) + "@" + std::string(host) + path;
        return;
    }
    if (user_info.find('%') != std::string_view::npos) refuse();  // encoded or not: nobody knows
    url.text = place + path;
    std::string pair(user_info);
    if (pair.find(':') == std::string::npos) pair += ':';  // a token as the user: GitHub takes it
    logInAs(url, pair);
}

}  // namespace

RemoteUrl readRemoteUrl(const std::string& url, const Login& login) {
    RemoteUrl result = readRemoteUrl(url);
    if (!login.password.empty() && url.starts_with("http"))
        logInAs(result, login.username + ":" + login.password.reveal());
    return result;
}

RemoteUrl readRemoteUrl(const std::string& url) {
    RemoteUrl result{url, "https:ssh:file", {}, {}};
    const std::size_t end = url.find("://");
    if (end == std::string::npos) {
        // git runs in a directory of its own: a path has to be absolute to mean the same there.
        if (!isScpLike(url)) result.text = std::filesystem::absolute(url).lexically_normal();
        return result;
    }
    const std::string scheme = url.substr(0, end);
    // Plain http only for someone who wrote it: a redirect from https never gets there.
    if (scheme == "http") result.protocols += ":http";
    if (scheme != "file") takeCredentials(result, scheme, std::string_view(url).substr(end + 3));
    return result;
}

std::string withoutCredentials(std::string_view text) {
    std::string result;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t scheme_end = text.find("://", begin);
        if (scheme_end == std::string_view::npos) return result += text.substr(begin);
        const std::size_t authority = scheme_end + 3;
        result += text.substr(begin, authority - begin);
        const std::size_t end = std::min(text.find_first_of("/ \t\r\n'\"", authority), text.size());
        const std::size_t at = text.substr(0, end).rfind('@');
        begin = at != std::string_view::npos && at >= authority ? at + 1 : authority;
    }
    return result;
}

}  // namespace iac::repository

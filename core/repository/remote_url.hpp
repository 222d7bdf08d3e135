#pragma once

#include <string>
#include <string_view>

namespace iac::repository {

/// The configured url, parted into what may be shown and what may not. git is given the url without
/// credentials and, for https, a header through its environment: an argument list can be read by
/// every user of the machine, and git repeats urls in its messages.
struct RemoteUrl {
    std::string text;       ///< without user and password; a path is absolute
    std::string protocols;  ///< for GIT_ALLOW_PROTOCOL
    std::string header;     ///< "Authorization: Basic ..."; empty: the url has no credentials
    std::string
        header_place;  ///< "https://host:8443/": the header goes there and not to a redirect's host
};

struct Login;

/// A login that is given takes the place of the credentials of the url. Throws GitFailed when those
/// cannot be told from the rest.
RemoteUrl readRemoteUrl(const std::string& url, const Login& login);
RemoteUrl readRemoteUrl(const std::string& url);

/// A text with user and password cut out of every url in it.
std::string withoutCredentials(std::string_view text);

}  // namespace iac::repository

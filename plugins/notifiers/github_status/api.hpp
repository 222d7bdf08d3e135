#pragma once

#include <iac/plugin.hpp>
#include <string>

namespace iac::github_status {

/// GitHub's REST API, for one repository and within one call of the notifier.
class Api {
public:
    /// api_url: "https://api.github.com"; repository: "owner/name".
    Api(const Call& call, std::string api_url, std::string token, std::string repository);

    /// Asks about the repository ("/statuses/<sha>"; empty: the repository itself), and gives the
    /// JSON of the answer. An answer that is not 2xx throws iac::Error: IAC_RETRY where it passes
    /// by itself, else with what to do. `what` names the request in the sentence: "the commit
    /// status".
    Value post(const std::string& path, const Object& body, const char* what) const;
    Value get(const std::string& path, const char* what) const;

private:
    Value understand(const Reply& reply, const char* what) const;
    [[noreturn]] void fail(const Reply& reply, const char* what) const;
    Reply send(const char* method, const std::string& path, const std::string& body) const;

    const Call& call_;
    const std::string root_, token_, repository_;
};

}  // namespace iac::github_status

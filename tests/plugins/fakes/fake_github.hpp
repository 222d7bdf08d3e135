#pragma once

#include <Poco/JSON/Object.h>

#include <string>
#include <vector>

#include "http_fake.hpp"

namespace iac::fakes {

/// GitHub at the edge of the world: commit statuses, deployments and their statuses of one
/// repository, with the error shapes that are documented.
class FakeGitHub {
public:
    static constexpr const char* kToken = "github_pat_secret_token";
    static constexpr const char* kReadOnlyToken = "github_pat_readonly_token";
    static constexpr const char* kRepository = "octo/infra";
    /// The only commit it knows.
    static constexpr const char* kRevision = "8f3c2a1d8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b";

    /// `prefix` is that of the API: "" as of api.github.com, "/api/v3" as of Enterprise.
    explicit FakeGitHub(std::string prefix = "");
    std::string apiUrl() const { return http_.url() + prefix_; }
    HttpFake& http() { return http_; }

    /// What was taken, as "POST /repos/octo/infra/statuses/<sha>" with its body; in order.
    struct Taken {
        std::string what;
        std::string body;
    };
    std::vector<Taken> taken() const;

    static HttpAnswer error(int status, const std::string& message);

private:
    HttpAnswer answer(const HttpRequest& request);
    HttpAnswer take(const HttpRequest& request, const std::string& path);

    const std::string prefix_;
    mutable Guarded<std::vector<Taken>> taken_;
    std::int64_t next_id_ =
        3'500'000'000;  // more than 32 bits hold with a sign, as those of GitHub
    HttpFake http_;
};

}  // namespace iac::fakes

#include "api.hpp"

#include <algorithm>
#include <ctime>

#include "../exchange.hpp"

namespace iac::github_status {
namespace {

constexpr int kUnauthorized = 401, kForbidden = 403, kNotFound = 404, kConflict = 409,
              kUnprocessable = 422, kTooMany = 429;
constexpr const char* kApiVersion = "2022-11-28";
constexpr const char* kPermissions =
    "Give the token the permissions \"Commit statuses: write\" and \"Deployments: write\" for this "
    "repository (a classic token: repo:status and repo_deployment), or turn off `statuses` or "
    "`deployments`.";

// What GitHub says of itself: {"message": "...", "errors": [{"message": "..."}]}.
std::string saidIn(const Call& call, const Reply& reply) try {
    const Value json = call.parse(reply.body);
    std::string said = json.get<std::string>("message", "");
    const auto errors = json.find<Value>("errors");
    if (errors && errors->isArray() && errors->count() > 0 && (*errors)[0].isObject()) {
        const auto first = (*errors)[0].find<Value>("message");
        if (first && first->isString()) said += ": " + std::string(first->string());
    }
    return notifiers::quoted(said);
} catch (const Error&) {
    return {};
}

bool isRateLimit(const Reply& reply) {
    if (reply.status == kTooMany) return true;
    return reply.status == kForbidden &&
           (reply.header("retry-after").has_value() ||
            reply.header("x-ratelimit-remaining").value_or("") == "0");
}

// "x-ratelimit-reset" is a time in seconds since 1970.
[[noreturn]] void waitForReset(const Call& call, const Reply& reply, const std::string& sentence) {
    const Diagnosis diagnosis{"rate_limit", "Nothing: it is tried again."};
    const auto reset = reply.header("x-ratelimit-reset");
    if (reply.header("retry-after") || !reset)
        notifiers::tryLater(call, reply, sentence, diagnosis);
    const double left =
        std::strtod(reset->c_str(), nullptr) - static_cast<double>(std::time(nullptr));
    Notifier::retryAfter(call, std::clamp(left, 0.0, notifiers::kLongestRetryAfter), sentence,
                         diagnosis);
}

}  // namespace

Api::Api(const Call& call, std::string api_url, std::string token, std::string repository)
    : call_(call),
      root_(std::move(api_url) + "/repos/" + repository),
      token_(std::move(token)),
      repository_(std::move(repository)) {}

Reply Api::send(const char* method, const std::string& path, const std::string& body) const {
    std::vector<std::string> headers{
        "Authorization: Bearer " + token_, "Accept: application/vnd.github+json",
        std::string("X-GitHub-Api-Version: ") + kApiVersion, "User-Agent: iac-runner"};
    if (!body.empty()) headers.emplace_back("Content-Type: application/json");
    return call_.http({method, root_ + path, std::move(headers), body, notifiers::kRequestSeconds,
                       notifiers::kMostAnswered});
}

Value Api::post(const std::string& path, const Object& body, const char* what) const {
    return understand(send("POST", path, body.text()), what);
}

Value Api::get(const std::string& path, const char* what) const {
    return understand(send("GET", path, ""), what);
}

Value Api::understand(const Reply& reply, const char* what) const {
    if (reply.status < 200 || reply.status >= 300) fail(reply, what);
    try {
        return call_.parse(reply.body);
    } catch (const Error&) {
        iac::fail("GitHub's answer about " + std::string(what) + " is not JSON",
                  {"provider", "See whether `api_url` is the address of GitHub's API."});
    }
}

void Api::fail(const Reply& reply, const char* what) const {
    const std::string said = saidIn(call_, reply);
    const std::string sentence = "GitHub answered " + std::to_string(reply.status) + " for " +
                                 what + " of " + repository_ + (said.empty() ? "" : ": " + said);
    if (isRateLimit(reply)) waitForReset(call_, reply, sentence);
    switch (reply.status) {
        case kUnauthorized:
            iac::fail(sentence, {"token",
                                 "The token is wrong or has expired: make a new one, and "
                                 "put it into the secret that `token` names."});
        case kForbidden:
            iac::fail(sentence, {"permission", kPermissions});
        case kNotFound:
            iac::fail(sentence,
                      {"repository", std::string("See whether `repository` is right and the token "
                                                 "may see it. ") +
                                         kPermissions});
        case kConflict:
        case kUnprocessable:
            iac::fail(sentence, {"request",
                                 "GitHub may not know this commit: see whether it is pushed there, "
                                 "and whether `repository` is the one that is deployed."});
        default:
            if (notifiers::isPassing(reply.status))
                notifiers::tryLater(call_, reply, sentence,
                                    {"provider", "Nothing: it is tried again."});
            iac::fail(sentence,
                      {"provider", "See whether `api_url` is the address of GitHub's API."});
    }
}

}  // namespace iac::github_status

#include "fake_github.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace iac::fakes {
namespace {

using Object = Poco::JSON::Object::Ptr;

HttpAnswer created(std::int64_t id) {
    return {201, R"({"id": )" + std::to_string(id) + R"(, "url": "https://api.github.com/x"})"};
}

// {"message": "Validation Failed", "errors": [{"code": "custom", "message": ...}], ...}
HttpAnswer invalid(const std::string& why) {
    return {422, R"({"message": "Validation Failed", "errors": [{"code": "custom", "message": ")" +
                     why + R"("}], "documentation_url": "https://docs.github.com/rest"})"};
}

bool isOneOf(const Object& body, const char* name, std::initializer_list<const char*> values) {
    const auto value = body->optValue<std::string>(name, "");
    return std::ranges::find(values, value, [](const char* one) { return std::string(one); }) !=
           values.end();
}

}  // namespace

FakeGitHub::FakeGitHub(std::string prefix)
    : prefix_(std::move(prefix)),
      http_([this](const HttpRequest& request) { return answer(request); }) {}

std::vector<FakeGitHub::Taken> FakeGitHub::taken() const {
    return *taken_.lock();
}

HttpAnswer FakeGitHub::error(int status, const std::string& message) {
    return {status, R"({"message": ")" + message +
                        R"(", "documentation_url": "https://docs.github.com/rest"})"};
}

HttpAnswer FakeGitHub::answer(const HttpRequest& request) {
    const std::string authorization = request.header("authorization");
    const bool read_only = authorization == std::string("Bearer ") + kReadOnlyToken;
    if (authorization != std::string("Bearer ") + kToken && !read_only)
        return error(401, "Bad credentials");
    if (request.header("user-agent").empty()) return error(403, "Request forbidden by rules");
    const std::string root = prefix_ + "/repos/" + kRepository;
    if (!request.path.starts_with(root)) return error(404, "Not Found");
    const std::string path = request.path.substr(root.size());
    if (request.method == "GET" && path.empty())
        return {200, std::string(
                         R"({"full_name": "octo/infra", "permissions": {"pull": true, "push": )") +
                         (read_only ? "false" : "true") + "}}"};
    if (read_only) return error(403, "Resource not accessible by personal access token");
    if (request.method != "POST") return error(404, "Not Found");
    return take(request, path);
}

HttpAnswer FakeGitHub::take(const HttpRequest& request, const std::string& path) {
    const Object body = jsonOf(request.body);
    if (body.isNull()) return error(400, "Problems parsing JSON");
    if (body->optValue<std::string>("description", "").size() > 140 * 4)
        return invalid("description is too long (maximum is 140 characters)");
    if (path == std::string("/statuses/") + kRevision) {
        if (!isOneOf(body, "state", {"error", "failure", "pending", "success"}))
            return invalid("state is not included in the list");
    } else if (path.starts_with("/statuses/")) {
        return invalid("No commit found for SHA: " + path.substr(10));
    } else if (path == "/deployments") {
        if (body->optValue<std::string>("ref", "") != kRevision)
            return invalid("No ref found for it");
        // What these defaults of GitHub would do here is a merge, and a conflict.
        if (body->optValue("auto_merge", true)) return {202, R"({"message": "Auto-merged"})"};
        if (!body->isArray("required_contexts") || body->getArray("required_contexts")->size() > 0)
            return error(409, "Conflict: Commit status checks failed");
    } else if (path == "/deployments/" + std::to_string(next_id_) + "/statuses") {
        if (!isOneOf(
                body, "state",
                {"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}))
            return invalid("state is not included in the list");
    } else {
        return error(404, "Not Found");
    }
    taken_.lock()->push_back({request.method + " " + request.path, request.body});
    if (path == "/deployments") return created(++next_id_);
    return created(1);
}

}  // namespace iac::fakes

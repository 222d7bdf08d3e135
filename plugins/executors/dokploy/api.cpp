#include "api.hpp"

#include <algorithm>
#include <cstdio>

namespace iac::dokploy {
namespace {

constexpr double kRequestSeconds = 30;
constexpr double kLongestPause = 5;
constexpr std::size_t kLongestBody = 1'000'000;  // Dokploy's own limit is 1 MB
constexpr std::size_t kLongestMessage = 200;
constexpr Version kOldest{0, 25, 0};

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        char hex[4];
        std::snprintf(hex, sizeof hex, "%%%02X",
                      static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += plain ? std::string(1, c) : std::string(hex);
    }
    return out;
}

// Scheme, host and port of a URL that has both.
std::string hostOf(const std::string& url) {
    return url.substr(0, url.find_first_of("/?#", url.find("://") + 3));
}

bool isGatewayFault(int status) {
    return status == 502 || status == 503 || status == 504;
}

// One line of it, short, as far as it is text.
std::string oneLine(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, text.find('\n'))) {
        if (out.size() >= kLongestMessage && (static_cast<unsigned char>(c) & 0xC0) != 0x80)
            return out + "...";
        if (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f') out += c;
    }
    return out;
}

std::optional<Version> versionOf(std::string_view text) {
    Version version;
    const std::string copy(text);
    if (std::sscanf(copy.c_str(), "v%d.%d.%d", &version.major, &version.minor, &version.patch) != 3)
        return std::nullopt;
    return version;
}

/// What Dokploy says when it does not do something.
struct Refusal {
    std::string message, code, field;
};

// Empty when the body is not of that form, and so was not written by Dokploy.
std::optional<Refusal> refusalOf(const Call& call, const std::string& body) {
    try {
        const Value value = call.parse(body);
        Refusal refusal{oneLine(value.get<std::string>("message")),
                        value.get<std::string>("code", ""), ""};
        if (const auto path = value.find<Value>("issues/0/path"))
            for (std::size_t i = 0; i < path->count(); ++i)
                refusal.field += (i > 0 ? "." : "") + std::string((*path)[i].string());
        return refusal;
    } catch (const Error&) {
        return std::nullopt;
    }
}

// Some procedures answer with 400 and wrap the reason: "Error creating the project: You are not
// authorized to ...".
bool isAboutRights(const std::string& message) {
    std::string lower;
    for (const char c : message)
        lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (const char* words : {"not authorized", "unauthorized", "permission", "not have access",
                              "access denied", "not allowed"})
        if (lower.find(words) != lower.npos) return true;
    return false;
}

[[noreturn]] void failAsOtherServer(const std::string& place, const std::string& what) {
    fail(place + " does not answer as Dokploy does: " + what,
         {"not_dokploy",
          "Correct `with.url` of the executor: the address Dokploy's own pages are at, without a "
          "path (https://dokploy.example.com); a login page in front of it has to let /api "
          "through."});
}

[[noreturn]] void failAsUnauthorized(const std::string& place) {
    fail(place + " refuses the API key: it is wrong, expired, revoked, or its rate limit is spent",
         {"dokploy_key",
          "Make a key without a rate limit in Dokploy (Settings, Profile, API/CLI Keys), for the "
          "organization of the project, and put it into `with.key` of the executor. A spent limit "
          "of a key made through the API lasts for 24 hours."});
}

}  // namespace

std::string Version::text() const {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

Api::Api(const Call& call, World& world, const Server& server)
    : call_(call), world_(world), server_(server), place_(hostOf(server.url)) {}

Version Api::version() {
    const auto answer = query("settings.getDokployVersion");
    if (!answer || !answer->isString()) failAsOtherServer(place_, "it does not say its version");
    const auto version = versionOf(answer->string());
    // A canary or a build of one's own says something else: it is taken for a new one.
    if (!version) return {999, 0, 0};
    if (*version < kOldest)
        fail(place_ + " runs Dokploy " + version->text() + ", which cannot name its deployments",
             {"dokploy_version", "Update Dokploy to " + kOldest.text() + " or later."});
    return *version;
}

std::optional<Value> Api::query(const std::string& procedure, const Parameters& parameters) {
    return understood(procedure, insist(procedure, get(procedure, parameters)).reply);
}

bool Api::look(const std::string& procedure, const Parameters& parameters,
               std::optional<Value>& answer) {
    const Answer got = exchange(get(procedure, parameters));
    if (!got.doubt.empty()) return false;
    answer = understood(procedure, got.reply);
    return true;
}

void Api::update(const std::string& procedure, const Object& body) {
    understood(procedure, insist(procedure, post(procedure, body)).reply);
}

Api::Sent Api::once(const std::string& procedure, const Object& body) {
    const Request request = post(procedure, body);
    Answer got = exchange(request);
    while (got.rejected) {
        world_.pause(1);
        got = exchange(request);
    }
    if (!got.doubt.empty()) return {false, got.doubt};
    if (got.reply.status >= 500)
        return {false, "it answered with " + std::to_string(got.reply.status)};
    understood(procedure, got.reply);  // a refusal is an error
    return {true};
}

Api::Answer Api::exchange(const Request& request) {
    try {
        Reply reply = world_.http(request);
        if (isGatewayFault(reply.status))
            return {"it answered with " + std::to_string(reply.status), {}, false};
        if (mayPass(reply)) return {"it refuses the API key (401), which it took before", {}, true};
        return {{}, std::move(reply), false};
    } catch (const Error& error) {
        if (error.status() != IAC_RETRY) throw;
        return {error.what(), {}, false};
    }
}

bool Api::mayPass(const Reply& reply) {
    if (reply.status >= 200 && reply.status <= 299) {
        accepted_ = true;
        rejected_since_.reset();
    }
    if (reply.status != 401 || !accepted_) return false;
    const auto refusal = refusalOf(call_, reply.body);
    if (!refusal || refusal->message != "Unauthorized") return false;
    if (!rejected_since_) rejected_since_ = world_.now();
    return world_.now() - *rejected_since_ < server_.patience;
}

Api::Answer Api::insist(const std::string& procedure, const Request& request) {
    const double end = world_.now() + server_.patience;
    for (double pause = 1;; pause = std::min(pause * 2, kLongestPause)) {
        Answer answer = exchange(request);
        if (answer.doubt.empty()) return answer;
        if (world_.now() + pause > end && rejected_since_) failAsUnauthorized(place_);
        if (world_.now() + pause > end)
            retry(place_ + " could not be asked for " + procedure + ": " + answer.doubt,
                  {"dokploy_unreachable",
                   "See that Dokploy runs and that the runner reaches it (GET " + place_ +
                       "/api/health answers {\"ok\":true}); then retry the deployment."});
        world_.pause(pause);
    }
}

std::optional<Value> Api::understood(const std::string& procedure, const Reply& reply) {
    if (reply.status == 404 && refusalOf(call_, reply.body)) return std::nullopt;
    if (reply.status < 200 || reply.status > 299) refuse(procedure, reply);
    if (reply.body.empty()) return std::nullopt;
    const auto known = latest_.find(procedure);
    if (known != latest_.end() && known->second.first == reply.body) return known->second.second;
    try {
        const Value value = call_.parse(reply.body);
        latest_.erase(procedure);
        latest_.emplace(procedure, std::make_pair(reply.body, value));
        return value;
    } catch (const Error&) {
        failAsOtherServer(place_, procedure + " is no JSON");
    }
}

void Api::refuse(const std::string& procedure, const Reply& reply) {
    const std::string status = std::to_string(reply.status);
    if (reply.status == 413)
        fail(
            place_ + " takes no request of that size (413)",
            {"too_large", "Make the compose file or the environment smaller: Dokploy takes 1 MB."});
    const auto refusal = refusalOf(call_, reply.body);
    if (!refusal) failAsOtherServer(place_, procedure + " was answered with status " + status);
    if (reply.status == 401 &&
        (refusal->message == "Unauthorized" || refusal->message == "UNAUTHORIZED"))
        failAsUnauthorized(place_);
    if (reply.status == 401 || reply.status == 403 || isAboutRights(refusal->message))
        fail(place_ + " does not allow " + procedure + ": " + refusal->message,
             {"dokploy_forbidden",
              "Give the user whose key it is \"Access to API\", the projects and services, and "
              "where "
              "create: true is used \"Create Projects\", \"Create Environments\" and \"Create "
              "Services\", in Dokploy under Users."});
    // The message of an error inside Dokploy holds commands and what they printed.
    if (reply.status >= 500)
        fail(place_ + " failed at " + procedure + " (status " + status + ")",
             {"dokploy_error", "See the log of the container dokploy on its host."});
    fail(place_ + " refused " + procedure + ": " + refusal->message +
             (refusal->field.empty() ? "" : " (" + refusal->field + ")"),
         {"dokploy_refused",
          "Its API may have changed: compare with the versions in the README of iac.dokploy."});
}

Request Api::get(const std::string& procedure, const Parameters& parameters) const {
    Request request{"GET", server_.url + "/" + procedure, {"x-api-key: " + server_.key}};
    char separator = '?';
    for (const auto& [name, value] : parameters) {
        request.url += separator + name + "=" + escaped(value);
        separator = '&';
    }
    request.timeout_seconds = kRequestSeconds;
    return request;
}

Request Api::post(const std::string& procedure, const Object& body) const {
    Request request{"POST", server_.url + "/" + procedure, {"x-api-key: " + server_.key}};
    request.headers.emplace_back("Content-Type: application/json");
    request.body = body.text();
    request.timeout_seconds = kRequestSeconds;
    if (request.body.size() > kLongestBody)
        fail("What is to be sent to " + place_ + " has " + std::to_string(request.body.size()) +
                 " bytes, and Dokploy takes " + std::to_string(kLongestBody),
             {"too_large", "Make the compose file or the environment smaller."});
    try {
        call_.parse(request.body);
    } catch (const Error&) {
        fail("What is to be sent to " + place_ + " is not UTF-8 text",
             {"bad_environment", "Correct the variable, secret or file with other bytes in it."});
    }
    return request;
}

}  // namespace iac::dokploy

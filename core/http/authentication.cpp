#include "http/authentication.hpp"

#include <Poco/String.h>

#include <algorithm>
#include <charconv>

#include "http/answer.hpp"
#include "http/digest.hpp"
#include "plugin/hmac.hpp"

namespace iac::http {
namespace {

constexpr std::string_view kScheme = "sha256=";

Problem unauthorized(const std::string& sentence) {
    return {401, sentence, howToSign()};
}

bool isNonce(std::string_view text) {
    return text.size() >= 8 && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      std::string_view("._:-").find(c) != std::string_view::npos;
           });
}

/// The token of "Bearer TOKEN"; the scheme in any case (RFC 7235).
std::string_view bearerToken(std::string_view authorization) {
    static constexpr std::string_view scheme = "bearer ";
    if (authorization.size() <= scheme.size() ||
        Poco::icompare(std::string(authorization.substr(0, scheme.size())), std::string(scheme)) !=
            0)
        return {};
    return authorization.substr(
        std::min(authorization.find_first_not_of(' ', scheme.size()), authorization.size()));
}

/// What the signature of a stamped request is over: all that it asks for. A signature over the body
/// alone could be sent to another path, and one over nothing would be a key to everything.
std::string stamped(const Stamp& stamp, const Request& request) {
    return stamp.timestamp + "." + stamp.nonce + "." + request.method + " " + request.target + "." +
           request.body;
}

}  // namespace

std::optional<Stamp> Authentication::stamp(const Request& request) const {
    Stamp stamp{std::string(request.header("x-iac-timestamp")),
                std::string(request.header("x-iac-nonce")),
                {}};
    if (stamp.timestamp.empty() && stamp.nonce.empty()) return std::nullopt;
    std::int64_t seconds = 0;
    const auto* end = stamp.timestamp.data() + stamp.timestamp.size();
    const auto [stopped, error] = std::from_chars(stamp.timestamp.data(), end, seconds);
    if (error != std::errc() || stopped != end || seconds < 0 || seconds > 99'999'999'999)
        throw unauthorized("X-IAC-Timestamp has to be a time in whole seconds since 1970.");
    if (!isNonce(stamp.nonce))
        throw unauthorized("X-IAC-Nonce has to be 8 to 128 of A-Z, a-z, 0-9 and \"._:-\".");
    const Time at{std::chrono::seconds(seconds)};
    const Time now = clock_.now();
    if (at > now + kWindow || at < now - kWindow)
        throw unauthorized(
            "X-IAC-Timestamp is more than 300 seconds from the time here: sign the request anew, "
            "and check both clocks.");
    stamp.expires = at + kWindow + Duration(1000);
    return stamp;
}

void Authentication::use(const Stamp& stamp) const {
    if (!history_.useNonce(stamp.nonce, stamp.expires))
        throw history::NonceUsed("The nonce of the request was used before.");
}

bool Authentication::isSigned(std::string_view bytes, std::string_view hex) const {
    // Every secret is tried, so that the time does not say which one it was.
    bool matches = false;
    for (const Secret& secret : settings_.secrets)
        matches |= plugin::hmacSha256Matches(secret.reveal(), bytes, hex);
    return matches;
}

void Authentication::check(Request& request, const Route& route) const {
    if (route.role == Role::open) return;
    const auto authorization = request.header("authorization");
    const auto token = bearerToken(authorization);
    if (route.role == Role::trigger) {
        // What a trigger wants in that header is for the trigger to say, unless it is one of ours.
        if (token.starts_with(kTokenPrefix)) checkToken(request, token, Role::deploy);
        return;
    }
    if (!token.empty()) {
        checkToken(request, token, route.role);
    } else if (!authorization.empty()) {
        throw unauthorized("Authorization has to be \"Bearer\" and a token.");
    } else {
        checkSignature(request, route);
    }
}

void Authentication::checkToken(Request& request, std::string_view token, Role needed) const {
    const auto known = history_.tokenOf(sha256(token));
    const auto role = known ? roleOf(known->role) : std::nullopt;
    if (!role) throw unauthorized("The token is not known here, or it was revoked.");
    if (*role < needed)
        throw Problem(403, "This needs a token with the role " + std::string(roleName(needed)) +
                               "; \"" + known->name + "\" has the role " + known->role + ".");
    request.caller = known->name;
    request.token = known->id;
}

bool Authentication::mustCountOnce(const Request& request, const Route& route) const {
    return settings_.replay_protection_required || request.body.empty() || route.hasParameters() ||
           route.role == Role::admin;
}

void Authentication::checkSignature(const Request& request, const Route& route) const {
    if (settings_.secrets.empty())
        throw unauthorized(
            "The request needs a token: server.secret, to sign it with, is not configured.");
    const auto signature = request.header("x-hub-signature-256");
    if (!signature.starts_with(kScheme))
        throw unauthorized(
            "The request is not signed: X-Hub-Signature-256 is missing, or does not "
            "begin with \"sha256=\". A token is as good: Authorization: Bearer TOKEN.");
    const auto stamp = this->stamp(request);
    // A body that was signed once is signed for ever: whoever saw it could send it again.
    if (!stamp && mustCountOnce(request, route))
        throw unauthorized(
            "The request needs X-IAC-Timestamp and X-IAC-Nonce, and the signature over "
            "\"<timestamp>.<nonce>.<method> <path and query>.<body>\". A token is as good: "
            "Authorization: Bearer TOKEN.");
    if (!isSigned(stamp ? stamped(*stamp, request) : request.body,
                  signature.substr(kScheme.size())))
        throw unauthorized("The signature is wrong.");
    // Whoever knows the secret has every role.
    if (!stamp) return;
    try {
        use(*stamp);
    } catch (const history::Unavailable&) {
        // A full disk is when people look: a GET changes nothing, and its replay shows what was
        // shown already.
        if (request.method != "GET") throw;
    }
}

}  // namespace iac::http

#include "http/authentication.hpp"

#include <algorithm>
#include <charconv>

#include "http/answer.hpp"
#include "plugin/hmac.hpp"

namespace iac::http {
namespace {

constexpr std::string_view kScheme = "sha256=";

Problem unauthorized(const std::string& sentence) {
    return {401, sentence, {{"WWW-Authenticate", "Bearer, IAC-HMAC-SHA256"}}};
}

bool isNonce(std::string_view text) {
    return text.size() >= 8 && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      std::string_view("._:-").find(c) != std::string_view::npos;
           });
}

/// What the signature of a stamped request is over.
std::string stamped(const Stamp& stamp, const Request& request) {
    const std::string begin = stamp.timestamp + "." + stamp.nonce + ".";
    // Without a body it is what is asked for that is signed: a signature over nothing would be a
    // key to everything.
    return request.body.empty() ? begin + request.method + " " + request.target
                                : begin + request.body;
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
        throw unauthorized("X-IAC-Nonce was used before: every request needs one of its own.");
}

bool Authentication::isSigned(std::string_view bytes, std::string_view hex) const {
    // Every secret is tried, so that the time does not say which one it was.
    bool matches = false;
    for (const Secret& secret : settings_.secrets)
        matches |= plugin::hmacSha256Matches(secret.reveal(), bytes, hex);
    return matches;
}

void Authentication::check(const Request& request, Role needed) const {
    if (needed == Role::open || needed == Role::trigger) return;
    if (!request.header("authorization").empty())
        throw unauthorized(
            "Tokens are not accepted here yet: sign the request with server.secret.");
    if (settings_.secrets.empty())
        throw unauthorized("server.secret is not configured, so nobody may ask.");
    const auto signature = request.header("x-hub-signature-256");
    if (!signature.starts_with(kScheme))
        throw unauthorized(
            "The request is not signed: X-Hub-Signature-256 is missing, or does not "
            "begin with \"sha256=\".");
    const auto stamp = this->stamp(request);
    if (!stamp && request.body.empty())
        throw unauthorized(
            "A request without a body needs X-IAC-Timestamp and X-IAC-Nonce, and the "
            "signature over \"<timestamp>.<nonce>.\" + method + \" \" + path and "
            "query.");
    if (!stamp && settings_.replay_protection_required)
        throw unauthorized(
            "server.replay_protection is required here: the request needs "
            "X-IAC-Timestamp and X-IAC-Nonce.");
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

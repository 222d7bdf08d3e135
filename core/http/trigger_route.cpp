#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "http/query_values.hpp"
#include "http/site.hpp"
#include "http/trigger_answers.hpp"

namespace iac::http {
namespace {

std::string sha256(std::string_view bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, 32> digest{};
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL has no SHA-256 here");
    std::string hex;
    for (const unsigned char byte : digest) hex += {digits[byte >> 4], digits[byte & 15]};
    return hex;
}

plugin::TriggerVerdict ask(const Site& site, const MountedTrigger& trigger,
                           const Request& request) {
    plugin::TriggerRequest asked;
    asked.method = request.method;
    asked.path = request.path;
    asked.body = request.body;
    asked.headers = request.headers;
    asked.query = request.query;
    asked.branch = site.rooms.settings->repository.branch;
    asked.environment = trigger.environment;
    return trigger.trigger->receive(asked);
}

/// RFC 7240: a preference that is not understood is none.
std::optional<std::int64_t> preferredWait(const Request& request) {
    for (const auto& [name, value] : request.headers) {
        if (name != "prefer") continue;
        const auto at = value.find("wait=");
        if (at == std::string::npos) continue;
        std::int64_t seconds = 0;
        const char* begin = value.data() + at + 5;
        const auto [end, error] = std::from_chars(begin, value.data() + value.size(), seconds);
        if (error == std::errc() && end != begin && seconds >= 0) return seconds;
    }
    return std::nullopt;
}

/// How long the caller wants to wait: what the request says comes before what the trigger says.
std::chrono::seconds wishedWait(const Request& request, const plugin::TriggerVerdict& verdict) {
    auto seconds = preferredWait(request);
    if (!seconds) seconds = numberOf(request, "wait", 0, std::numeric_limits<int>::max());
    if (!seconds) seconds = verdict.wait_seconds.value_or(0);
    return std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, Waiting::kLongest.count()));
}

/// The deployment at the end of the wait: as it is then. Empty: no place to wait was free.
std::optional<Deployment> awaitEnd(const Site& site, DeploymentId id, std::chrono::seconds wish,
                                   Request& request) {
    const auto place = site.waiting.take();
    if (!place) return std::nullopt;
    struct Wait {
        explicit Wait(http::Line& of) : line(of) { line.beginWait(); }
        ~Wait() { line.endWait(); }
        http::Line& line;
    } const wait(*request.line);
    return site.waiting.follow(id, Steady::now() + wish, *request.line);
}

Answer answerReceipt(const Site& site, const intake::Receipt& receipt, std::chrono::seconds wish,
                     Request& request) {
    if (receipt.deployment == 0) return noChangesAnswer(receipt.plan);
    if (wish.count() == 0 && !receipt.duplicate) return acceptedAnswer(receipt);
    request.dropBody();
    std::optional<Deployment> deployment;
    if (wish.count() > 0) deployment = awaitEnd(site, receipt.deployment, wish, request);
    if (!deployment) deployment = site.rooms.history->deployment(receipt.deployment);
    if (!deployment) return acceptedAnswer(receipt);
    As as = As::in_progress;
    if (wish.count() == 0) {
        as = As::duplicate;
    } else if (isFinal(deployment->state)) {
        as = As::outcome;
    }
    return deploymentAnswer(*deployment, site.rooms.catalogue->latest().get(), as,
                            receipt.duplicate);
}

}  // namespace

Answer receiveTrigger(const Site& site, const MountedTrigger& trigger, Request& request) {
    using Kind = plugin::TriggerVerdict::Kind;
    const auto stamp = site.authentication.stamp(request);
    auto verdict = ask(site, trigger, request);
    if (verdict.kind == Kind::rejected)
        throw Problem(verdict.status >= 400 && verdict.status <= 499 ? verdict.status : 400,
                      verdict.reason);
    if (verdict.kind == Kind::answered) {
        Answer answer;
        answer.body = verdict.body;
        return answer;
    }
    const auto wish = wishedWait(request, verdict);
    // Not before the trigger has checked the signature: nobody else may fill the table of nonces.
    if (stamp) site.authentication.use(*stamp);
    Event& event = verdict.event;
    event.trigger = trigger.name;
    event.body_digest = sha256(request.body);
    if (event.environment.empty()) event.environment = trigger.environment;
    if (verdict.kind == Kind::ignored) {
        site.rooms.intake->ignored(event, verdict.reason);
        return ignoredAnswer(verdict.reason);
    }
    return answerReceipt(site, site.rooms.intake->receive(std::move(event)), wish, request);
}

}  // namespace iac::http

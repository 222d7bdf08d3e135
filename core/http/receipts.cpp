#include "http/receipts.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "http/query_values.hpp"

namespace iac::http {
namespace {

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

/// The deployment at the end of the wait: as it is then. Empty: no place to wait was free.
std::optional<Deployment> awaitEnd(const Site& site, DeploymentId id, std::chrono::seconds wish,
                                   Request& request) {
    const auto place = site.waiting.take(request.token);
    if (!place) return std::nullopt;
    struct Wait {
        explicit Wait(http::Line& of) : line(of) { line.beginWait(); }
        ~Wait() { line.endWait(); }
        http::Line& line;
    } const wait(*request.line);
    return site.waiting.follow(id, Steady::now() + wish, *request.line);
}

}  // namespace

std::chrono::seconds wishedWait(const Request& request, std::optional<int> said) {
    auto seconds = preferredWait(request);
    if (!seconds) seconds = numberOf(request, "wait", 0, std::numeric_limits<int>::max());
    if (!seconds) seconds = said.value_or(0);
    return std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, Waiting::kLongest.count()));
}

Answer answerReceipt(const Site& site, const intake::Receipt& receipt, std::chrono::seconds wish,
                     Request& request, const Beside& beside) {
    if (receipt.deployment == 0) return noChangesAnswer(receipt.plan, beside);
    const auto catalogue = site.rooms.catalogue->latest();
    const auto accepted = [&] {
        return acceptedAnswer(receipt, catalogue.get(), site.rooms.clock->now(), beside);
    };
    if (wish.count() == 0 && !receipt.duplicate) return accepted();
    request.dropBody();
    std::optional<Deployment> deployment;
    try {
        if (wish.count() > 0) deployment = awaitEnd(site, receipt.deployment, wish, request);
        if (!deployment) deployment = site.rooms.history->deployment(receipt.deployment);
    } catch (const history::Unavailable&) {
        // It is committed: "nothing was changed" would be untrue, and would have it sent again.
    }
    if (!deployment) return accepted();
    As as = As::in_progress;
    if (wish.count() == 0) {
        as = As::duplicate;
    } else if (isFinal(deployment->state)) {
        as = As::outcome;
    }
    return deploymentAnswer(*deployment, catalogue.get(), as, receipt.duplicate, beside);
}

}  // namespace iac::http

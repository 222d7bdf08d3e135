#include <algorithm>
#include <memory>
#include <optional>

#include "history/step_log.hpp"
#include "http/byte_range.hpp"
#include "http/log_events.hpp"
#include "http/log_text.hpp"
#include "http/log_watch.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"

namespace iac::http {
namespace {

constexpr std::string_view kEventStream = "text/event-stream";

/// A log that is followed: of what, and by whom.
struct Followed {
    Deployment deployment;
    std::string service;
    std::int64_t token = 0;  ///< of who follows it; 0: it has none
};

/// Why nobody follows any more.
enum class End {
    final,    ///< the deployment has ended
    revoked,  ///< whoever follows may not read any more
    cut,      ///< the caller is gone, or the server stops
};

/// Calls `look` whenever something may be new, with whether the deployment was read anew, until
/// that is final, or `look` has had enough.
template <class Look>
End follow(const Site& site, Followed& followed, const BodyStream& out, const Look& look) {
    Deployment& deployment = followed.deployment;
    auto& history = *site.rooms.history;
    Bell& changes = history.changes();
    LogWatch watch(
        history::stepLogFile(site.rooms.settings->data, deployment.id, 0, 0).parent_path());
    std::optional<std::uint64_t> seen;
    for (;;) {
        const auto count = changes.count();
        const bool read = count != seen;
        if (read) {
            seen = count;
            if (followed.token != 0 && !history.isValidToken(followed.token)) return End::revoked;
            auto now = history.deployment(deployment.id);
            if (!now) return End::cut;
            deployment = std::move(*now);
        }
        if (!look(read)) return End::cut;
        if (isFinal(deployment.state)) return End::final;
        watch.wait(out.descriptor());
        if (watch.hungUp() || out.stopping()) return End::cut;
    }
}

void followText(const Site& site, Followed followed, BodyStream& out) {
    LogWalk walk(*site.rooms.settings, followed.service);
    LogText text(&out);
    const Deployment& deployment = followed.deployment;
    const auto end = follow(site, followed, out, [&](bool) { return walk.tell(deployment, text); });
    if (end == End::final) text.sum(deployment, walk);
    if (end == End::revoked) text.revoked();
}

void followEvents(const Site& site, Followed followed, const std::optional<LogPlace>& from,
                  BodyStream& out) {
    LogWalk walk(*site.rooms.settings, followed.service, from);
    LogEvents events(out);
    const Deployment& deployment = followed.deployment;
    // What a step printed comes before the news that it has ended.
    const auto end = follow(site, followed, out, [&](bool read) {
        return walk.tell(deployment, events) && (!read || events.state(deployment, walk)) &&
               events.heartbeat();
    });
    if (end == End::final) events.end(deployment);
    if (end == End::revoked) events.revoked();
}

/// Everything there is now, or the part of it that the caller asks for.
Answer wholeText(const Site& site, Deployment deployment, const std::string& service,
                 std::string_view wanted) {
    const bool final = isFinal(deployment.state);
    const auto tell = [&settings = *site.rooms.settings, service, final](const Deployment& of,
                                                                         LogText& text) {
        LogWalk walk(settings, service);
        if (walk.tell(of, text) && final) text.sum(of, walk);
    };
    Answer answer;
    answer.headers = {{"Accept-Ranges", "bytes"}};
    std::optional<ByteRange> range;
    if (!wanted.empty()) {
        LogText count(nullptr);
        tell(deployment, count);
        range = byteRange(wanted, count.length());
        if (range) {
            answer.status = 206;
            // While it grows nobody knows how long it will be.
            answer.headers.emplace_back("Content-Range",
                                        "bytes " + std::to_string(range->begin) + "-" +
                                            std::to_string(range->end - 1) + "/" +
                                            (final ? std::to_string(count.length()) : "*"));
        }
    }
    answer.stream = [tell, deployment = std::move(deployment), range](BodyStream& out) {
        LogText text = range ? LogText(&out, range->begin, range->end) : LogText(&out);
        tell(deployment, text);
    };
    return answer;
}

bool wantsEvents(const Request& request) {
    return request.header("accept").find(kEventStream) != std::string_view::npos;
}

/// A place for a caller that stays. A std::function has to be copyable; a place is not.
std::shared_ptr<Waiting::Place> takePlace(const Site& site, std::int64_t token) {
    auto place = site.waiting.take(token);
    if (!place)
        throw Problem(503,
                      "Too many callers wait or follow a log already, in all or with this token; "
                      "try again later.",
                      {{"Retry-After", "5"}});
    return std::make_shared<Waiting::Place>(std::move(*place));
}

Answer events(const Site& site, Followed followed, std::string_view last_id) {
    Answer answer;
    answer.type = kEventStream;
    if (last_id == LogEvents::kEnd) {
        answer.status = 204;  // tells an EventSource not to come back
        return answer;
    }
    const auto from = LogEvents::placeOf(last_id);
    auto place = takePlace(site, followed.token);
    answer.stream = [&site, followed = std::move(followed), from, place = std::move(place)](
                        BodyStream& out) { followEvents(site, followed, from, out); };
    return answer;
}

}  // namespace

Answer showLog(const Site& site, Request& request) {
    allowOnly(request, {"service", "follow"});
    const DeploymentId id = idOf(request);
    auto deployment = deploymentOf(site, id);
    const std::string service = textOf(request, "service");
    const LogWalk all(*site.rooms.settings, service);
    if (!service.empty() && isFinal(deployment.state) &&
        std::ranges::none_of(deployment.steps,
                             [&](const Step& step) { return all.concerns(step); }))
        throw Problem(404,
                      "Deployment " + std::to_string(id) + " has no step \"" + service + "\".");
    const bool follows = flagOf(request, "follow");
    if (wantsEvents(request))
        return events(site, {std::move(deployment), service, request.token},
                      request.header("last-event-id"));
    Answer answer;
    if (follows && !isFinal(deployment.state)) {
        answer.stream = [&site, followed = Followed{std::move(deployment), service, request.token},
                         place = takePlace(site, request.token)](BodyStream& out) {
            followText(site, followed, out);
        };
    } else {
        answer = wholeText(site, std::move(deployment), service,
                           follows ? std::string_view() : request.header("range"));
    }
    answer.type = "text/plain; charset=utf-8";
    return answer;
}

}  // namespace iac::http

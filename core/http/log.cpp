#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <thread>

#include "base/descriptor.hpp"
#include "base/utf8.hpp"
#include "history/step_log.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"

namespace iac::http {
namespace {

constexpr std::size_t kPiece = 64u << 10;
/// How soon a move of the deployment is noticed while its step prints nothing.
constexpr int kLookMilliseconds = 250;
constexpr std::chrono::milliseconds kBetweenLooks{20};

bool means(const Step& step, const std::string& service) {
    return service.empty() || step.service == service || step.service.ends_with("/" + service);
}

/// Wakes who follows a log when something is written into its folder, or the caller hangs up.
class Watch {
public:
    explicit Watch(const std::filesystem::path& folder)
        : folder_(folder), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

    void wait(int caller) {
        // A step that prints a lot is read in pieces, not word by word.
        std::this_thread::sleep_until(looked_ + kBetweenLooks);
        if (watched_ < 0)  // the folder comes with the first attempt
            watched_ = ::inotify_add_watch(inotify_.get(), folder_.c_str(),
                                           IN_MODIFY | IN_CREATE | IN_MOVED_TO);
        std::array<pollfd, 2> wakes{{{inotify_.get(), POLLIN, 0}, {caller, POLLRDHUP, 0}}};
        ::poll(wakes.data(), wakes.size(), kLookMilliseconds);
        hung_up_ = (wakes[1].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
        std::array<char, 4096> events{};
        while (::read(inotify_.get(), events.data(), events.size()) > 0) {
        }
    }
    bool hungUp() const { return hung_up_; }

private:
    std::filesystem::path folder_;
    Descriptor inotify_;
    int watched_ = -1;
    Steady::time_point looked_{};
    bool hung_up_ = false;
};

/// Writes the logs of a deployment's steps in order, each attempt once, and remembers how far it
/// got: while the deployment runs it is asked again and again.
class Teller {
public:
    Teller(const config::Settings& settings, std::string service, BodyStream& out)
        : settings_(settings), service_(std::move(service)), out_(out) {}

    /// False: the caller is gone, or the server stops.
    bool tell(const Deployment& deployment) {
        for (; step_ < deployment.steps.size(); ++step_, attempt_ = 0) {
            const Step& step = deployment.steps[step_];
            if (means(step, service_) && !tellStep(deployment.id, step)) return false;
            if (!isFinal(step.state)) return true;  // there is more to come of this one
        }
        return true;
    }

    bool end(const Deployment& deployment) {
        const auto count = [&](auto... states) {
            return std::ranges::count_if(deployment.steps, [&](const Step& step) {
                return means(step, service_) && ((step.state == states) || ...);
            });
        };
        const auto good = count(StepState::changed, StepState::unchanged);
        const auto bad = count(StepState::failed);
        std::string line;
        if (deployment.state == DeploymentState::failed && bad == 0)
            line += "failed: " + validUtf8(deployment.diagnosis.summary) + "\n";
        if (deployment.state == DeploymentState::superseded)
            line += "superseded by deployment " + std::to_string(deployment.superseded_by) + "\n";
        return say(line + "sync completed: " + std::to_string(good) + " succeeded, " +
                   std::to_string(bad) + " failed\n");
    }

private:
    bool tellStep(DeploymentId id, const Step& step) {
        for (; attempt_ < step.attempts.size(); ++attempt_, at_ = 0, begun_ = false) {
            const Attempt& attempt = step.attempts[attempt_];
            if (!begun_ && !say("== " + validUtf8(step.service) + ", attempt " +
                                std::to_string(attempt.number) + "\n"))
                return false;
            begun_ = true;
            const bool ended =
                attempt.finished_at || isFinal(step.state) || attempt_ + 1 < step.attempts.size();
            const auto file =
                history::stepLogFile(settings_.data, id, step.id, attempt.number);
            if (!copy(file, ended)) return false;
            if (!ended) return true;
            if (!line_ended_ && !say("\n")) return false;
            at_ = 0;
        }
        if (isFinal(step.state) && step.attempts.empty())
            return say("== " + validUtf8(step.service) + ", " + std::string(toText(step.state)) +
                       (step.summary.empty() ? "" : ": " + validUtf8(step.summary)) + "\n");
        return true;
    }

    /// What was written since the last time. Of an attempt that is over its limit, the end is put
    /// into order only when it has ended: until then only its first half is told.
    bool copy(const std::filesystem::path& path, bool ended) {
        const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!file) return true;  // nothing was printed, or it was cleaned away
        const auto limit = settings_.server.limits.step_output;
        std::string piece(kPiece, '\0');
        for (;;) {
            std::uint64_t most = kPiece;
            if (!ended) most = std::min<std::uint64_t>(most, limit / 2 - std::min(limit / 2, at_));
            const auto got = ::pread(file.get(), piece.data(), static_cast<std::size_t>(most),
                                     static_cast<off_t>(at_));
            if (got <= 0) return true;
            at_ += static_cast<std::uint64_t>(got);
            if (!say(std::string_view(piece).substr(0, static_cast<std::size_t>(got))))
                return false;
        }
    }

    bool say(std::string_view text) {
        if (!text.empty()) line_ended_ = text.back() == '\n';
        return out_.write(text);
    }

    const config::Settings& settings_;
    std::string service_;
    BodyStream& out_;
    std::size_t step_ = 0, attempt_ = 0;
    std::uint64_t at_ = 0;  // in the file of the present attempt
    bool begun_ = false, line_ended_ = true;
};

void followLog(const Site& site, Deployment deployment, const std::string& service,
               BodyStream& out) {
    auto& history = *site.rooms.history;
    Bell& changes = history.changes();
    Teller teller(*site.rooms.settings, service, out);
    Watch watch(history::stepLogFile(site.rooms.settings->data, deployment.id, 0, 0).parent_path());
    std::optional<std::uint64_t> seen;
    for (;;) {
        if (const auto count = changes.count(); count != seen) {
            seen = count;
            auto now = history.deployment(deployment.id);
            if (!now) return;
            deployment = std::move(*now);
        }
        if (!teller.tell(deployment)) return;
        if (isFinal(deployment.state)) break;
        watch.wait(out.descriptor());
        if (watch.hungUp() || out.stopping()) return;
    }
    teller.end(deployment);
}

}  // namespace

Answer showLog(const Site& site, const Request& request) {
    allowOnly(request, {"service", "follow"});
    const DeploymentId id = idOf(request);
    auto deployment = site.rooms.history->deployment(id);
    if (!deployment) throw Problem(404, "There is no deployment " + std::to_string(id) + ".");
    const std::string service = textOf(request, "service");
    const auto& steps = deployment->steps;
    if (!service.empty() && isFinal(deployment->state) &&
        std::ranges::none_of(steps, [&](const Step& step) { return means(step, service); }))
        throw Problem(404,
                      "Deployment " + std::to_string(id) + " has no step \"" + service + "\".");
    Answer answer;
    answer.type = "text/plain; charset=utf-8";
    if (!flagOf(request, "follow") || isFinal(deployment->state)) {
        answer.stream = [&site, deployment = std::move(*deployment), service](BodyStream& out) {
            Teller teller(*site.rooms.settings, service, out);
            if (teller.tell(deployment) && isFinal(deployment.state)) teller.end(deployment);
        };
        return answer;
    }
    auto place = site.waiting.take();
    if (!place)
        throw Problem(503, "Too many callers wait or follow a log already; try again later.",
                      {{"Retry-After", "5"}});
    // A std::function has to be copyable; a place is not.
    auto kept = std::make_shared<Waiting::Place>(std::move(*place));
    answer.stream = [&site, deployment = std::move(*deployment), service, kept = std::move(kept)](
                        BodyStream& out) { followLog(site, deployment, service, out); };
    return answer;
}

}  // namespace iac::http

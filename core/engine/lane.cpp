#include <poll.h>

#include <algorithm>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "engine/engine.hpp"
#include "history/persist.hpp"

namespace iac::engine {

namespace {

/// How often a lane looks whether there is something to do that no commit told it of.
constexpr std::chrono::seconds kLookEvery{30};
constexpr std::chrono::seconds kPause{1};  // while the database does not answer
/// Of one deployment. Then what breaks it off is not going to pass.
constexpr int kMostRescues = 3;

}  // namespace

Lane::Lane(std::string environment, history::History& history, Deployer& deployer,
           LaneClaims& claims, Rescue rescue)
    : environment_(std::move(environment)),
      history_(history),
      deployer_(deployer),
      claims_(claims),
      rescue_(std::move(rescue)) {}

Lane::~Lane() {
    drain();
    interrupt();
    join();
}

void Lane::start() {
    thread_ = std::thread([this] {
        work();
        // Another lane may wait for this one's deployment to end.
        history_.queued().ring();
        ended_.request();
    });
}

void Lane::drain() {
    draining_.request();
    history_.queued().ring();
}

void Lane::interrupt() {
    stop_.request();
    if (auto running = running_.lock(); running->stop) running->stop->request();
}

void Lane::cancel(DeploymentId id) {
    if (auto running = running_.lock(); running->id == id) running->stop->request();
}

bool Lane::waitUntil(std::chrono::steady_clock::time_point deadline) {
    if (!thread_.joinable()) return true;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd ended{ended_.descriptor(), POLLIN, 0};
    return ::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) == 1;
}

void Lane::join() {
    if (thread_.joinable()) thread_.join();
}

void Lane::work() {
    while (true) {
        const auto seen = history_.queued().count();
        if (draining_.requested()) return;
        auto again = kLookEvery;
        try {
            if (lookOnce()) continue;
        } catch (const std::exception& e) {
            // Whatever it was, the lane goes on; what it had begun is rescued by the next look.
            log::error("engine", "the lane " + environment_ + " cannot go on for now: " + e.what());
            again = kPause;
        }
        history_.queued().waitUntil(seen, std::chrono::steady_clock::now() + again);
    }
}

// Whether there was something to do.
bool Lane::lookOnce() {
    const auto claim = claims_.take(environment_);
    if (!claim) return false;  // the lane of an earlier configuration, which rings when it ends
    const auto next = history_.takeNext(environment_);
    if (!next) {
        rescueAbandoned();
        return false;
    }
    failpoint("lane.taken");
    carryOut(*next);
    return true;
}

// This lane has the claim and carries out nothing: a deployment that runs here is one that an
// exception, or a commit whose answer was lost, left behind. Its rescue rings the bell.
void Lane::rescueAbandoned() {
    for (const DeploymentId id : history_.running(environment_)) {
        rescues_ = rescued_ == id ? rescues_ + 1 : 1;
        rescued_ = id;
        if (rescues_ <= kMostRescues) {
            rescue_(id);
            continue;
        }
        const Diagnosis diagnosis{
            "interrupted",
            "the runner could not carry it out, " + std::to_string(kMostRescues) +
                " times in a row",
            "Read the errors of \"engine\" in the runner's log, then retry the deployment."};
        history_.finish(id, {DeploymentState::failed, diagnosis});
    }
}

void Lane::carryOut(const Deployment& deployment) {
    const auto stop = std::make_shared<Cancellation>();
    *running_.lock() = {deployment.id, stop};
    struct Gone {
        ~Gone() { *running.lock() = {}; }
        Guarded<Running>& running;
    } const gone{running_};
    // Whoever asked before the line above was not heard.
    if (stop_.requested()) stop->request();
    const auto cancelled = history::persist(stop_, [&] { return history_.cancelRequested(); });
    if (std::ranges::find(cancelled, deployment.id) != cancelled.end()) stop->request();
    deployer_.carryOut(deployment, {*stop, stop_});
}

}  // namespace iac::engine

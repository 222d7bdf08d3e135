#include <poll.h>

#include <algorithm>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "engine/engine.hpp"
#include "history/persist.hpp"

namespace iac::engine {

Lane::Lane(std::string environment, history::History& history, Deployer& deployer)
    : environment_(std::move(environment)), history_(history), deployer_(deployer) {}

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
    constexpr std::chrono::seconds kPause{1};  // while the database does not answer
    while (true) {
        const auto seen = history_.queued().count();
        if (draining_.requested()) return;
        try {
            if (const auto next = history_.takeNext(environment_)) {
                failpoint("lane.taken");
                carryOut(*next);
            } else {
                history_.queued().wait(seen);
            }
        } catch (const std::exception& e) {
            // Whatever it was, the lane goes on with the next one, when there is something new.
            log::error("engine", "the lane " + environment_ + " cannot go on for now: " + e.what());
            history_.queued().waitUntil(seen, std::chrono::steady_clock::now() + kPause);
        }
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

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.hpp"
#include "engine/deployer.hpp"
#include "engine/lane_claims.hpp"

namespace iac::engine {

/// One lane: the deployments of one environment, one after the other, on a thread of its own. It
/// takes the next from the history the moment a commit rings the bell, and looks for itself now and
/// then. A deployment that the history calls running while no lane carries it out is rescued.
class Lane {
public:
    /// What becomes of a deployment that nobody carries out any more.
    using Rescue = std::function<void(DeploymentId)>;

    Lane(std::string environment, history::History& history, Deployer& deployer, LaneClaims& claims,
         Rescue rescue);
    ~Lane();  ///< drain(), interrupt(), and waits

    void start();
    /// Takes no further deployment; the running one goes on.
    void drain();
    /// What runs is stopped and handed back.
    void interrupt();
    /// What runs is stopped, when it is that deployment.
    void cancel(DeploymentId id);
    /// Waits until the lane has ended, or the deadline has passed; true when it has ended.
    bool waitUntil(std::chrono::steady_clock::time_point deadline);
    /// Requested when the lane has ended.
    const Cancellation& ended() const { return ended_; }
    void join();

private:
    /// The deployment that runs, and what stops it.
    struct Running {
        DeploymentId id = 0;
        std::shared_ptr<Cancellation> stop;
    };

    void work();
    bool lookOnce();
    void rescueAbandoned();
    void carryOut(const Deployment& deployment);

    const std::string environment_;
    history::History& history_;
    Deployer& deployer_;
    LaneClaims& claims_;
    const Rescue rescue_;
    DeploymentId rescued_ = 0;  ///< of the lane's thread: the one that was rescued last
    int rescues_ = 0;           ///< and how often
    Guarded<Running> running_;
    Cancellation draining_, stop_, ended_;
    std::thread thread_;
};

/// The lanes, side by side, and what a dead runner left behind.
class Engine {
public:
    Engine(const config::Settings& settings, history::History& history, repository::Mirror& mirror,
           planning::CatalogueView& newest, const planning::Planner& planner,
           const Executors& executors, Masker& masker, const Clock& clock, LaneClaims& claims,
           const Cgroups* cgroups = nullptr);
    ~Engine();

    /// Puts right what an interrupted run left (settings.engine.on_interrupt), and starts the
    /// lanes.
    void start();
    /// Starts the lanes while those of an engine that has retired may still run: each waits for the
    /// end of the other's deployment in its environment.
    void succeed();
    /// Takes no further deployment; what runs goes on.
    void retire();
    /// Of an engine that has retired: what to poll for, readable when a lane has ended; empty when
    /// all have.
    std::optional<int> waitsFor() const;
    /// Running deployments go on until the deadline at most, then they are stopped and handed back.
    /// Returns when all have ended.
    void stop(std::chrono::steady_clock::time_point deadline);
    Preparation& preparation() { return preparation_; }

    /// What waits for an environment that is not there any more fails, with the reason. Throws
    /// history::Unavailable.
    void failUnknownEnvironments();

    /// What runs is stopped and handed back now. Also while stop() waits, from another thread.
    void interrupt();

private:
    void watchRepository();
    void watchCancellations();
    void recover();
    void recover(DeploymentId id);
    void failInterrupted(DeploymentId id);

    const config::Settings& settings_;
    history::History& history_;
    Preparation preparation_;
    StepRunner steps_;
    Deployer deployer_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    Cancellation stop_, lanes_ended_;
    std::thread watch_;    ///< makes the first fetch, so that nobody waits for it
    std::thread cancels_;  ///< hears of who wants to cancel what runs
};

}  // namespace iac::engine

#include "engine/engine.hpp"

#include <algorithm>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "base/pause.hpp"
#include "engine/step_folders.hpp"

namespace iac::engine {

Engine::Engine(const config::Settings& settings, history::History& history,
               repository::Mirror& mirror, planning::CatalogueView& newest,
               const planning::Planner& planner, const Executors& executors, Masker& masker,
               const Clock& clock, LaneClaims& claims, const Cgroups* cgroups)
    : settings_(settings),
      history_(history),
      preparation_(settings, history, mirror, newest, planner, clock),
      steps_(settings, history, executors, masker, cgroups),
      deployer_(settings, history, mirror, preparation_, steps_, masker) {
    for (const auto& environment : settings.environments)
        lanes_.push_back(std::make_unique<Lane>(environment.name, history, deployer_, claims,
                                                [this](DeploymentId id) { recover(id); }));
}

Engine::~Engine() {
    stop(std::chrono::steady_clock::now());
}

void Engine::start() {
    recover();
    succeed();
}

void Engine::succeed() {
    for (const auto& lane : lanes_) lane->start();
    watch_ = std::thread([this] { watchRepository(); });
    cancels_ = std::thread([this] { watchCancellations(); });
}

void Engine::retire() {
    stop_.request();
    for (const auto& lane : lanes_) lane->drain();
}

std::optional<int> Engine::waitsFor() const {
    for (const auto& lane : lanes_)
        if (!lane->ended().requested()) return lane->ended().descriptor();
    return std::nullopt;
}

void Engine::stop(std::chrono::steady_clock::time_point deadline) {
    retire();
    for (const auto& lane : lanes_) {
        if (!lane->waitUntil(deadline)) lane->interrupt();
    }
    for (const auto& lane : lanes_) lane->join();
    lanes_ended_.request();
    history_.cancellations().ring();
    if (cancels_.joinable()) cancels_.join();
    if (watch_.joinable()) watch_.join();
}

void Engine::interrupt() {
    for (const auto& lane : lanes_) {
        lane->drain();  // or it would take again what it hands back
        lane->interrupt();
    }
}

// Until the first fetch has succeeded, nothing is known of the services; deployments fetch for
// themselves.
void Engine::watchRepository() {
    constexpr int kLongestPause = 60'000;
    for (int pause = 1'000; !stop_.requested(); pause = std::min(2 * pause, kLongestPause)) {
        try {
            return preparation_.refresh(stop_);
        } catch (const std::runtime_error& e) {
            if (!stop_.requested()) log::warning("repository", e.what());
        }
        pauseFor(pause, stop_);
    }
}

// A lane is busy while its deployment runs: somebody else has to hear that it is to be cancelled.
void Engine::watchCancellations() {
    constexpr std::chrono::seconds kPause{1};  // while the database does not answer
    for (auto seen = history_.cancellations().count(); !lanes_ended_.requested();) {
        try {
            for (const DeploymentId id : history_.cancelRequested())
                for (const auto& lane : lanes_) lane->cancel(id);
            seen = history_.cancellations().wait(seen);
        } catch (const std::exception&) {  // the history has said why
            history_.cancellations().waitUntil(seen, std::chrono::steady_clock::now() + kPause);
        }
    }
}

void Engine::recover() {
    removeStepFolders(settings_.data);
    for (const DeploymentId id : history_.running()) recover(id);
    failUnknownEnvironments();
}

void Engine::recover(DeploymentId id) {
    if (settings_.engine.on_interrupt == config::OnInterrupt::fail) return failInterrupted(id);
    log::warning("engine", "deployment " + std::to_string(id) + " was interrupted, and runs again");
    history_.handBack(id, true);
    failpoint("engine.recovering");
}

// Nobody would ever take them: the configuration has lost their environment.
void Engine::failUnknownEnvironments() {
    for (const auto& environment : history_.environmentsWithQueued()) {
        if (settings_.environment(environment) != nullptr) continue;
        const Diagnosis diagnosis{
            "unknown_environment",
            "the configuration has no environment \"" + environment + "\" any more",
            "Put it back, or deploy to an environment that exists."};
        log::warning("engine", "what waits for " + environment +
                                   " is reported as failed: " + diagnosis.summary);
        history_.failQueued(environment, diagnosis);
    }
}

void Engine::failInterrupted(DeploymentId id) {
    const Diagnosis diagnosis{"interrupted", "the runner was interrupted while this ran",
                              "Look at what the step left behind, then retry the deployment."};
    const auto deployment = history_.deployment(id);
    for (const auto& step : deployment->steps) {
        history::StepEnd end{StepState::failed, diagnosis.summary, diagnosis, {}};
        if (step.state == StepState::pending) end.state = StepState::skipped;
        if (!isFinal(step.state)) history_.finishStep(step.id, end);
    }
    log::warning("engine", "deployment " + std::to_string(id) +
                               " was interrupted, and is reported as failed");
    history_.finish(id, {DeploymentState::failed, diagnosis});
}

}  // namespace iac::engine

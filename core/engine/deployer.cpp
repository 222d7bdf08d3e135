#include "engine/deployer.hpp"

#include <algorithm>
#include <string>

#include "base/log.hpp"
#include "base/pause.hpp"
#include "history/persist.hpp"
#include "notify/routing.hpp"

namespace iac::engine {
namespace {

constexpr int kMostInterruptions = 3;  // of one step: then a person is asked
constexpr int kDatabasePause =
    1'000;  // milliseconds, before a deployment that could not be read is tried again

std::string describe(const Deployment& deployment) {
    return "deployment " + std::to_string(deployment.id) + " to " + deployment.environment;
}

// By a crash of the runner or of its host; a stop that handed it back does not count.
bool isInterrupted(const Step& step) {
    return std::ranges::count(step.attempts, true, &Attempt::crashed) >= kMostInterruptions;
}

history::StepEnd skippedBecauseOf(const Step& failed) {
    history::StepEnd end;
    end.state = StepState::skipped;
    end.summary = "skipped, because " + failed.service + " failed before it";
    return end;
}

history::StepEnd interruptedTooOften() {
    history::StepEnd end;
    end.summary =
        "the runner died " + std::to_string(kMostInterruptions) + " times while this step ran";
    end.diagnosis = {"interrupted", end.summary,
                     "Find out whether this step brings the host down, then retry the deployment."};
    return end;
}

history::StepEnd tooLate() {
    history::StepEnd end;
    end.summary = "the deployment had no time left for this step";
    end.diagnosis = {"deadline", end.summary,
                     "Find out what took so long before it, or raise `engine.deadline`."};
    return end;
}

}  // namespace

Deployer::Deployer(const config::Settings& settings, history::History& history,
                   repository::Mirror& mirror, Preparation& preparation, StepRunner& steps,
                   const Masker& masker)
    : settings_(settings),
      history_(history),
      mirror_(mirror),
      preparation_(preparation),
      steps_(steps),
      masker_(masker) {}

void Deployer::carryOut(const Deployment& queued, const Cancellation& stop) {
    Deployment deployment = queued;
    try {
        Prepared prepared = preparation_.prepare(deployment, stop);
        deployment.revision = prepared.revision;
        std::vector<std::string> executors;
        for (const auto& one : prepared.plan.services)
            executors.push_back(prepared.catalogue.find(one.service)->executor);
        const auto steps = history::persist(stop, [&] {
            return history_.setPlan(deployment.id, prepared.revision, prepared.plan, executors);
        });
        log::info("engine", describe(deployment) + ": " + std::to_string(steps.size()) +
                                " step(s) at " + prepared.revision);
        if (runSteps(deployment, prepared.catalogue, steps, stop)) return finish(deployment, stop);
    } catch (const CannotDeploy& e) {
        return fail(deployment, e.diagnosis(), stop);
    } catch (const repository::GitFailed& e) {
        if (!stop.requested())
            return fail(deployment,
                        {e.kind(), e.what(),
                         "Check repository.url and the runner's access to it, then retry."},
                        stop);
    } catch (const plugin::Failed& e) {
        return fail(
            deployment,
            {"plugin_failed", e.what(), "Mend or replace the plugin, then retry the deployment."},
            stop);
    } catch (const history::Unavailable& e) {
        if (!stop.requested()) {
            log::warning("engine", describe(deployment) +
                                       " waits, because the database does not answer: " + e.what());
            pauseFor(kDatabasePause, stop);
        }
    } catch (const std::exception& e) {
        return fail(deployment,
                    {"cannot_deploy", e.what(), "Mend the cause, then retry the deployment."},
                    stop);
    }
    history::persist(stop, [&] { history_.handBack(deployment.id, false); });
    log::info("engine", describe(deployment) + " is handed back, and runs again");
}

bool Deployer::runSteps(const Deployment& deployment, const planning::Catalogue& catalogue,
                        const std::vector<Step>& steps, const Cancellation& stop) {
    if (steps.empty()) return true;
    const repository::WorkTree tree(
        mirror_, deployment.revision,
        std::filesystem::absolute(settings_.data) / "work" / std::to_string(deployment.id), &stop);
    const auto deadline = std::chrono::steady_clock::now() + settings_.engine.deadline;
    const Step* failed = nullptr;
    for (const Step& step : steps) {
        if (step.state == StepState::failed) failed = &step;
        if (step.state != StepState::pending) continue;
        if (stop.requested()) return false;
        if (failed != nullptr && settings_.engine.on_failure == config::OnFailure::stop) {
            history::persist(stop,
                             [&] { history_.finishStep(step.id, skippedBecauseOf(*failed)); });
        } else if (isInterrupted(step)) {
            refuse(step, interruptedTooOften(), stop);
            failed = &step;
        } else if (std::chrono::steady_clock::now() >= deadline) {
            refuse(step, tooLate(), stop);
            failed = &step;
        } else {
            const auto end = steps_.run(deployment, step, *catalogue.find(step.service),
                                        tree.folder(), deadline, stop);
            if (end == StepRunner::End::interrupted) return false;
            if (end == StepRunner::End::badly) failed = &step;
        }
    }
    return true;
}

// A step that fails without being run.
void Deployer::refuse(const Step& step, const history::StepEnd& end, const Cancellation& stop) {
    history::persist(stop, [&] { history_.startAttempt(step.id); });
    history::persist(stop, [&] { history_.finishStep(step.id, end); });
}

void Deployer::finish(const Deployment& deployment, const Cancellation& stop) {
    const auto now = history::persist(stop, [&] { return history_.deployment(deployment.id); });
    int succeeded = 0, failed = 0;
    history::DeploymentEnd end;
    end.state = DeploymentState::success;
    for (const auto& step : now->steps) {
        if (step.state == StepState::changed || step.state == StepState::unchanged) ++succeeded;
        if (step.state != StepState::failed) continue;
        if (failed++ == 0) end.diagnosis = step.diagnosis;
        end.state = DeploymentState::failed;
    }
    end.notify = notify::recipients(settings_, deployment.environment, end.state);
    history::persist(stop, [&] { history_.finish(deployment.id, end); });
    // The line the operators search for.
    log::info("engine", describe(deployment) + ": sync completed: " + std::to_string(succeeded) +
                            " succeeded, " + std::to_string(failed) + " failed");
    pinRevisions();
}

void Deployer::fail(const Deployment& deployment, Diagnosis diagnosis, const Cancellation& stop) {
    diagnosis.summary = masker_.mask(diagnosis.summary);
    log::warning("engine", describe(deployment) + " failed: " + diagnosis.summary);
    history::DeploymentEnd end;
    end.state = DeploymentState::failed;
    end.diagnosis = std::move(diagnosis);
    end.notify = notify::recipients(settings_, deployment.environment, end.state);
    history::persist(stop, [&] { history_.finish(deployment.id, end); });
}

// git must not forget what a later difference begins from.
void Deployer::pinRevisions() {
    try {
        mirror_.pin(history_.pinnedRevisions());
    } catch (const std::runtime_error& e) {
        log::warning(
            "engine",
            std::string("the last good revisions are not pinned in the mirror: ") + e.what());
    }
}

}  // namespace iac::engine

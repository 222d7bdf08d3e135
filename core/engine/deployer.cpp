#include "engine/deployer.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <string>
#include <string_view>
#include <utility>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "base/pause.hpp"
#include "history/persist.hpp"

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

// What a person can do about a fault of git, by its kind.
std::string nextActionFor(const std::string& kind) {
    constexpr std::array kActions = std::to_array<std::pair<std::string_view, std::string_view>>({
        {"git_unreachable",
         "Check repository.url and the network between the runner and it, then retry."},
        {"git_timeout",
         "Check the network to the repository, or raise repository.timeout; then retry."},
        {"git_authentication", "Check repository.url and the runner's access to it, then retry."},
        {"ref_ambiguous", "Ask for the full name, refs/heads/NAME or refs/tags/NAME."},
        {"disk_full", "Free space on the disk of `data`, then retry."},
        {"too_large",
         "Push a commit without these files, or raise the limit in repository.limits."},
    });
    const auto known = std::ranges::find(kActions, kind, &decltype(kActions)::value_type::first);
    return std::string(known != kActions.end()
                           ? known->second
                           : "Read what git said above, repair the cause, then retry.");
}

history::StepEnd skippedBecauseOf(const Step& failed) {
    history::StepEnd end;
    end.state = StepState::skipped;
    end.summary = "skipped, because " + failed.service + " failed before it";
    return end;
}

// Somebody asked for these by name: a deployment without them is no success.
Diagnosis notDeployed(const Deployment& deployment, const std::vector<std::string>& held) {
    std::string names;
    for (const auto& service : held) names += (names.empty() ? "" : ", ") + service;
    const auto first =
        std::ranges::find(deployment.plan.skipped, held.front(), &SkippedService::service);
    return {"held", "not deployed: " + names + ", " + first->reason,
            "Release the hold, then retry the deployment: it deploys what is missing."};
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

void Deployer::carryOut(const Deployment& queued, const Stops& stops) {
    Deployment deployment = queued;
    try {
        std::future<Tree> tree;
        Prepared prepared = preparation_.prepare(
            deployment, stops.deployment,
            [&](const auto& revision) { tree = beginTree(queued, revision, stops.deployment); });
        deployment.revision = prepared.revision;
        maskTexts(prepared);
        std::vector<std::string> executors;
        for (const auto& one : prepared.plan.services)
            executors.push_back(prepared.catalogue.find(one.service)->executor);
        const auto steps = history::persist(stops.runner, [&] {
            return history_.setPlan(deployment.id, prepared.revision, prepared.plan, executors,
                                    prepared.subject);
        });
        failpoint("deployer.planned");
        log::info("engine", describe(deployment) + ": " + std::to_string(steps.size()) +
                                " step(s) at " + prepared.revision);
        if (runSteps(deployment, prepared.catalogue, steps, std::move(tree), stops))
            return finish(deployment, stops);
    } catch (const CannotDeploy& e) {
        return fail(deployment, e.diagnosis(), stops);
    } catch (const repository::GitFailed& e) {
        if (!stops.deployment.requested())
            return fail(deployment, {e.kind(), e.what(), nextActionFor(e.kind())}, stops);
    } catch (const plugin::Stopped& e) {
        log::info("engine", describe(deployment) + ": " + e.what());
    } catch (const plugin::Failed& e) {
        return fail(
            deployment,
            {"plugin_failed", e.what(), "Mend or replace the plugin, then retry the deployment."},
            stops);
    } catch (const history::Unavailable& e) {
        if (!stops.deployment.requested()) {
            log::warning("engine", describe(deployment) +
                                       " waits, because the database does not answer: " + e.what());
            pauseFor(kDatabasePause, stops.deployment);
        }
    } catch (const std::exception& e) {
        return fail(deployment,
                    {"cannot_deploy", e.what(), "Mend the cause, then retry the deployment."},
                    stops);
    }
    giveBack(deployment, stops);
}

// The commit's subject and its paths, which reasons name, come from whoever can push.
void Deployer::maskTexts(Prepared& prepared) const {
    prepared.subject = masker_.mask(prepared.subject);
    for (auto& planned : prepared.plan.services) planned.reason = masker_.mask(planned.reason);
    for (auto& skipped : prepared.plan.skipped) {
        skipped.service = masker_.mask(skipped.service);
        skipped.reason = masker_.mask(skipped.reason);
    }
}

// What was accepted with nothing to do mostly has nothing to do. The thread that makes the tree
// waits for its git, and nobody else does before the first step.
std::future<Deployer::Tree> Deployer::beginTree(const Deployment& deployment,
                                                const std::string& revision,
                                                const Cancellation& cancel) const {
    if (deployment.plan.services.empty()) return {};
    try {
        const auto folder = WorkTrees::privatePlace(settings_.data, deployment.id);
        return std::async(std::launch::async, [this, folder, revision, &cancel] {
            return makeTree(folder, revision, cancel);
        });
    } catch (const std::system_error&) {
        return {};  // no thread to be had: it is made when it is needed
    }
}

Deployer::Tree Deployer::makeTree(const std::filesystem::path& folder, const std::string& revision,
                                  const Cancellation& cancel) const {
    return std::make_unique<repository::WorkTree>(mirror_, revision, folder, &cancel);
}

// As many at once as the configuration says; each on a thread of its own from its begin to its end,
// because a child process lives no longer than the thread that started it.
bool Deployer::runSteps(const Deployment& deployment, const planning::Catalogue& catalogue,
                        const std::vector<Step>& steps, std::future<Tree> begun,
                        const Stops& stops) {
    if (steps.empty()) return true;
    WorkTrees trees(settings_.data, deployment.id, begun.valid() ? begun.get() : nullptr,
                    [&](const std::filesystem::path& folder) {
                        return makeTree(folder, deployment.revision, stops.deployment);
                    });
    const auto deadline = std::chrono::steady_clock::now() + settings_.engine.deadline;
    StepQueue queue(StepOrder(steps, catalogue, settings_.engine.on_failure));
    const auto work = [&] {
        try {
            while (const auto next = queue.take())
                queue.ended(*next->step,
                            deal(*next, deployment, catalogue, trees, deadline, stops));
        } catch (...) {
            queue.interrupt();
            throw;
        }
    };
    std::vector<std::future<void>> others;
    const auto workers =
        std::min(static_cast<std::size_t>(settings_.engine.parallel), steps.size());
    try {
        while (others.size() + 1 < workers) others.push_back(std::async(std::launch::async, work));
    } catch (...) {
        queue.interrupt();  // no thread to be had: those that began end what they do
        throw;
    }
    work();
    for (auto& other : others) other.get();
    return !queue.interrupted();
}

std::optional<bool> Deployer::deal(const StepOrder::Next& next, const Deployment& deployment,
                                   const planning::Catalogue& catalogue, WorkTrees& trees,
                                   StepRunner::Deadline deadline, const Stops& stops) {
    const Step& step = *next.step;
    if (stops.deployment.requested()) return std::nullopt;
    if (next.because != nullptr) {
        history::persist(stops.runner,
                         [&] { history_.finishStep(step.id, skippedBecauseOf(*next.because)); });
        return false;
    }
    if (isInterrupted(step)) {
        refuse(step, interruptedTooOften(), stops);
        return false;
    }
    if (std::chrono::steady_clock::now() >= deadline) {
        refuse(step, tooLate(), stops);
        return false;
    }
    const auto& service = *catalogue.find(step.service);
    const auto& work_tree = trees.folderFor(steps_.userOf(service));
    const auto end = steps_.run(deployment, step, service, work_tree, deadline, stops);
    if (end == StepRunner::End::interrupted) return std::nullopt;
    return end == StepRunner::End::well;
}

// A step that fails without being run.
void Deployer::refuse(const Step& step, const history::StepEnd& end, const Stops& stops) {
    const int attempt =
        history::persist(stops.runner, [&] { return history_.startAttempt(step.id); });
    history::persist(stops.runner, [&] {
        history_.finishAttempt(step.id, attempt, {StepState::failed, std::nullopt, end.summary});
    });
    history::persist(stops.runner, [&] { history_.finishStep(step.id, end); });
}

void Deployer::finish(const Deployment& deployment, const Stops& stops) {
    const auto now =
        history::persist(stops.runner, [&] { return history_.deployment(deployment.id); });
    int succeeded = 0, failed = 0;
    history::DeploymentEnd end;
    end.state = DeploymentState::success;
    for (const auto& step : now->steps) {
        if (endedWell(step.state)) ++succeeded;
        if (step.state != StepState::failed) continue;
        if (failed++ == 0) end.diagnosis = step.diagnosis;
        end.state = DeploymentState::failed;
    }
    if (const auto held = heldOf(*now); failed == 0 && !held.empty()) {
        end.state = DeploymentState::failed;
        end.diagnosis = notDeployed(*now, held);
    }
    failpoint("deployer.ending");
    history::persist(stops.runner, [&] { history_.finish(deployment.id, end); });
    failpoint("deployer.ended");
    // The line the operators search for.
    log::info("engine", describe(deployment) + ": sync completed: " + std::to_string(succeeded) +
                            " succeeded, " + std::to_string(failed) + " failed");
    pinRevisions();
}

void Deployer::fail(const Deployment& deployment, Diagnosis diagnosis, const Stops& stops) {
    diagnosis.summary = masker_.mask(diagnosis.summary);
    log::warning("engine", describe(deployment) + " failed: " + diagnosis.summary);
    history::DeploymentEnd end;
    end.state = DeploymentState::failed;
    end.gives_back = diagnosis.error_kind == kRefNotFound;
    end.diagnosis = std::move(diagnosis);
    history::persist(stops.runner, [&] { history_.finish(deployment.id, end); });
}

// The history decides what that means: queued again, cancelled, or taken over by a newer change.
void Deployer::giveBack(const Deployment& deployment, const Stops& stops) {
    history::persist(stops.runner, [&] { history_.handBack(deployment.id, false); });
    const auto now =
        history::persist(stops.runner, [&] { return history_.deployment(deployment.id); });
    log::info("engine", describe(deployment) + " was stopped, and is " +
                            std::string(toText(now->state)) +
                            (now->diagnosis.summary.empty() ? "" : ": " + now->diagnosis.summary));
}

// git must not forget what a later difference begins from.
void Deployer::pinRevisions() {
    try {
        mirror_.pin([this] { return history_.pinnedRevisions(); });
    } catch (const std::runtime_error& e) {
        log::warning(
            "engine",
            std::string("the last good revisions are not pinned in the mirror: ") + e.what());
    }
}

}  // namespace iac::engine

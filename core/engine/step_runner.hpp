#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "base/cancellation.hpp"
#include "base/cgroup.hpp"
#include "base/masker.hpp"
#include "config/settings.hpp"
#include "engine/executors.hpp"
#include "engine/slots.hpp"
#include "engine/step_result.hpp"
#include "engine/stops.hpp"
#include "history/history.hpp"
#include "model/deployment.hpp"
#include "planning/catalogue.hpp"

namespace iac::engine {

/// Carries out steps: one executor in a child process for each attempt, its output masked into its
/// log, its outcome into the history. [any-thread]
class StepRunner {
public:
    enum class End { well, badly, interrupted };

    StepRunner(const config::Settings& settings, history::History& history,
               const Executors& executors, Masker& masker, const Cgroups* cgroups);

    /// Whom its step runs as; null: the runner's own user.
    const Account* userOf(const planning::Service& service) const;

    using Deadline = std::chrono::steady_clock::time_point;

    /// Runs a pending step to its end, with its retries; what is not done by the deadline of the
    /// deployment is stopped. Interrupted: the deployment was stopped, and nothing is decided about
    /// the step. Blocks.
    End run(const Deployment& deployment, const Step& step, const planning::Service& service,
            const std::filesystem::path& workTree, Deadline deadline, const Stops& stops);

private:
    class OneAttempt;
    /// One attempt, on a slot that is only held while it runs. Empty: cancelled before it began.
    std::optional<StepResult> runOnce(OneAttempt& attempt, const Step& step,
                                      const planning::Service& service,
                                      const std::filesystem::path& workTree, Deadline deadline,
                                      const Stops& stops);

    const config::Settings& settings_;
    history::History& history_;
    const Executors& executors_;
    Masker& masker_;
    const Cgroups* cgroups_;
    Slots slots_;  ///< as many steps at once as there are cores: more only cost memory
};

}  // namespace iac::engine

#pragma once

#include <filesystem>

#include "engine/preparation.hpp"
#include "engine/step_runner.hpp"

namespace iac::engine {

/// Carries out one deployment, from the truth about it to its end in the history. [any-thread]
class Deployer {
public:
    Deployer(const config::Settings& settings, history::History& history,
             repository::Mirror& mirror, Preparation& preparation, StepRunner& steps,
             const Masker& masker);

    /// Returns when the deployment has ended, or was handed back because `stop` was requested.
    /// Blocks.
    void carryOut(const Deployment& deployment, const Cancellation& stop);

private:
    /// False: it was interrupted.
    bool runSteps(const Deployment& deployment, const planning::Catalogue& catalogue,
                  const std::vector<Step>& steps, const Cancellation& stop);
    void refuse(const Step& step, const history::StepEnd& end, const Cancellation& stop);
    void fail(const Deployment& deployment, Diagnosis diagnosis, const Cancellation& stop);
    void finish(const Deployment& deployment, const Cancellation& stop);
    void pinRevisions();

    const config::Settings& settings_;
    history::History& history_;
    repository::Mirror& mirror_;
    Preparation& preparation_;
    StepRunner& steps_;
    const Masker& masker_;
};

}  // namespace iac::engine

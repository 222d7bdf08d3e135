#pragma once

#include <filesystem>
#include <future>
#include <memory>
#include <optional>

#include "engine/preparation.hpp"
#include "engine/step_folders.hpp"
#include "engine/step_order.hpp"
#include "engine/step_runner.hpp"
#include "engine/stops.hpp"

namespace iac::engine {

/// Carries out one deployment, from the truth about it to its end in the history. [any-thread]
class Deployer {
public:
    Deployer(const config::Settings& settings, history::History& history,
             repository::Mirror& mirror, Preparation& preparation, StepRunner& steps,
             const Masker& masker);

    /// Returns when the deployment has ended, or was handed back because it was stopped. Blocks.
    void carryOut(const Deployment& deployment, const Stops& stops);

private:
    using Tree = WorkTrees::Tree;

    /// A deployment that is likely to have steps gets its work tree while its plan is made.
    std::future<Tree> beginTree(const Deployment& deployment, const std::string& revision,
                                const Cancellation& cancel) const;
    void maskTexts(Prepared& prepared) const;
    Tree makeTree(const std::filesystem::path& folder, const std::string& revision,
                  const Cancellation& cancel) const;
    /// False: it was interrupted. begun: empty where none was begun.
    bool runSteps(const Deployment& deployment, const planning::Catalogue& catalogue,
                  const std::vector<Step>& steps, std::future<Tree> begun, const Stops& stops);
    /// Runs or skips one step: whether it ended well. Empty: it was interrupted.
    std::optional<bool> deal(const StepOrder::Next& next, const Deployment& deployment,
                             const planning::Catalogue& catalogue, WorkTrees& trees,
                             StepRunner::Deadline deadline, const Stops& stops);
    void refuse(const Step& step, const history::StepEnd& end, const Stops& stops);
    void fail(const Deployment& deployment, Diagnosis diagnosis, const Stops& stops);
    void finish(const Deployment& deployment, const Stops& stops);
    void giveBack(const Deployment& deployment, const Stops& stops);
    void pinRevisions();

    const config::Settings& settings_;
    history::History& history_;
    repository::Mirror& mirror_;
    Preparation& preparation_;
    StepRunner& steps_;
    const Masker& masker_;
};

}  // namespace iac::engine

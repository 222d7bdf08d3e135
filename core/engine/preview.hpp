#pragma once

#include <string>
#include <vector>

#include "engine/preparation.hpp"

namespace iac::engine {

/// What somebody wants to know before anything is deployed: one of ref, base with head, or files.
/// Beside files, ref says at which revision; base, head and files exclude each other.
struct PlanQuestion {
    std::string environment;
    std::string ref;                 ///< a branch, a tag or a full SHA, as a push of it would be
    std::string tag;                 ///< the same, when it is a tag that is asked for
    std::string base, head;          ///< what lies between two of them
    std::vector<std::string> files;  ///< what these paths touch, at ref or the head of the branch
};

struct PlanAnswer {
    std::string revision;  ///< full SHA; empty: the mirror is not there yet
    Plan plan;
    std::string refused;  ///< of a ref: why the environment's gate says no; empty: it does not
    /// Of a ref: which services were never deployed there, and what deploys them first. Empty:
    /// none.
    std::string note;
};

/// Explains what would be deployed, and why. Deploys nothing, writes nothing, checks nothing out;
/// it may fetch. [any-thread]
class Preview {
public:
    Preview(const config::Settings& settings, Preparation& preparation, repository::Mirror& mirror,
            planning::CatalogueView& newest, const planning::Planner& planner)
        : settings_(settings),
          preparation_(preparation),
          mirror_(mirror),
          newest_(newest),
          planner_(planner) {}

    /// Throws CannotDeploy (an unknown ref), repository::GitFailed, plugin::Failed,
    /// history::Unavailable.
    PlanAnswer answer(const PlanQuestion& question, const Cancellation& cancel);

private:
    PlanAnswer ofRef(const PlanQuestion& question, const Cancellation& cancel);
    PlanAnswer ofFiles(const PlanQuestion& question, const Cancellation& cancel);
    std::string revisionOf(const std::string& ref, const Cancellation& cancel);

    const config::Settings& settings_;
    Preparation& preparation_;
    repository::Mirror& mirror_;
    planning::CatalogueView& newest_;
    const planning::Planner& planner_;
};

}  // namespace iac::engine

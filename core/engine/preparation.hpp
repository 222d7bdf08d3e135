#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "base/cancellation.hpp"
#include "engine/branch.hpp"
#include "history/history.hpp"
#include "model/deployment.hpp"
#include "planning/catalogue.hpp"
#include "planning/planner.hpp"
#include "repository/mirror.hpp"

namespace iac::engine {

/// The error_kind of a deployment whose ref or commit is not in the repository.
inline constexpr const char* kRefNotFound = "ref_not_found";

/// A deployment that cannot be carried out, for a reason that is nobody's step: an unknown ref, an
/// unknown service. what() is the sentence.
class CannotDeploy : public std::runtime_error {
public:
    explicit CannotDeploy(Diagnosis diagnosis)
        : std::runtime_error(diagnosis.summary), diagnosis_(std::move(diagnosis)) {}
    const Diagnosis& diagnosis() const noexcept { return diagnosis_; }

private:
    Diagnosis diagnosis_;
};

/// The truth about a deployment, found when it starts.
struct Prepared {
    std::string revision;  ///< full SHA
    planning::Catalogue catalogue;
    Plan plan;
    std::string subject;  ///< first line of the commit's message, where the deployment has none
};

/// From "a ref and hints" to "this commit, these services, for these reasons": fetch, resolve, look
/// at the tree, and for a change ask git what is new for each target since its last good revision.
/// One rule covers force pushes, truncated payloads, missed deliveries and superseded pushes. A
/// change deploys a commit of its branch: a commit that the branch does not contain any more is
/// replaced by the branch's head.
/// [any-thread]
class Preparation {
public:
    Preparation(const config::Settings& settings, history::History& history,
                repository::Mirror& mirror, planning::CatalogueView& newest,
                const planning::Planner& planner, const Clock& clock);

    using Found = std::function<void(const std::string& revision)>;

    /// found: told the revision as soon as it is known, before the plan is made. Throws
    /// CannotDeploy, repository::GitFailed, plugin::Failed, history::Unavailable.
    Prepared prepare(const Deployment& deployment, const Cancellation& cancel,
                     const Found& found = {});
    /// The same without what holds and gates say: what there is to deploy, whether or not it may
    /// be.
    Prepared preview(const Deployment& deployment, const Cancellation& cancel);

    /// Why the gate of an environment does not let a plan through, in a sentence; empty: it does.
    /// `tag` is what was asked for; empty: no tag. Throws repository::GitFailed, plugin::Failed,
    /// history::Unavailable.
    std::string refusedByGate(const std::string& environment, const std::string& tag,
                              const Prepared& prepared);

    /// The services of the environment that were never deployed there with success and are not part
    /// of the plan. Throws history::Unavailable.
    std::vector<std::string> neverDeployed(const std::string& environment,
                                           const Prepared& prepared);

    /// Fetches, and shows the services of the branch's head to those who answer before a deployment
    /// starts. Throws repository::GitFailed, std::runtime_error (two services of one id, a cycle).
    void refresh(const Cancellation& cancel);
    /// The same without a fetch, as far as the mirror knows.
    void showServices();

private:
    Branch branchOf(std::string ref, const Cancellation& cancel);
    bool isFetched(const std::string& revision, bool last, const Cancellation& cancel);
    bool isThere(const Deployment& deployment) const;
    void fetchPatiently(const std::string& ref, const Cancellation& cancel);
    std::string find(const Deployment& deployment, Branch& branch, const Cancellation& cancel);
    Prepared planAt(const std::string& revision, const Deployment& deployment, Branch& branch);
    std::string findRevision(const Deployment& deployment, Branch& branch,
                             const Cancellation& cancel);
    std::string onTheBranch(std::string revision, const Deployment& deployment, Branch& branch);
    std::string newestOf(std::string revision, const Deployment& deployment, Branch& branch,
                         const Cancellation& cancel);
    Plan planChange(const Deployment& deployment, const std::string& revision, Branch& branch,
                    const planning::Catalogue& catalogue, const std::vector<std::string>& paths);
    Plan planRequest(const Deployment& deployment, const planning::Catalogue& catalogue);
    bool isGoodIn(std::string_view environment, const std::string& service,
                  const std::string& revision, const planning::Catalogue& catalogue);
    void checkGate(const Deployment& deployment, const Prepared& prepared);
    Plan withoutHeld(Plan plan, const Deployment& deployment);

    const config::Settings& settings_;
    history::History& history_;
    repository::Mirror& mirror_;
    planning::CatalogueView& newest_;
    const planning::Planner& planner_;
    const Clock& clock_;
};

}  // namespace iac::engine

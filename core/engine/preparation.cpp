#include "engine/preparation.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "base/pause.hpp"
#include "planning/permission.hpp"

namespace iac::engine {
namespace {

// GitHub's git may lag behind its webhook, or not answer: how often it is fetched again, with one,
// two, four, eight seconds between.
constexpr int kFetches = 5;

void pauseBetween(int fetch, const std::string& ref, const Cancellation& cancel) {
    if (!pauseFor(1'000 << (fetch - 1), cancel))
        throw repository::GitFailed("cancelled", "stopped while waiting for " + ref);
}

std::string shortSha(const std::string& sha) {
    return sha.substr(0, 10);
}

// Where the difference of each target begins. Each base is asked for once.
class Bases {
public:
    /// isLate: whether the revision is older than another one that the branch still contains.
    Bases(const repository::Mirror& mirror, const Deployment& deployment,
          const std::string& revision, const std::vector<std::string>& allPaths,
          std::function<bool(const std::string& than)> isLate)
        : mirror_(mirror),
          deployment_(deployment),
          revision_(revision),
          allPaths_(allPaths),
          isLate_(std::move(isLate)) {}

    /// A target that was deployed before. Empty: the revision is older than what is deployed.
    std::optional<planning::Base> since(const std::string& lastGood) {
        const auto known = bases_.find(lastGood);
        if (known != bases_.end()) return known->second;
        std::optional<planning::Base> base;
        if (!mirror_.has(lastGood)) {
            base = {lastGood,
                    allPaths_};  // history was rewritten and forgotten: anything may have changed
        } else if (!isLate_(lastGood)) {
            base = {lastGood, changedSince(lastGood)};
        }
        return bases_[lastGood] = base;
    }

    /// A target that was never deployed: what the pushes said, and what git says since the first of
    /// them.
    const planning::Base& sinceThePush() {
        if (sincePush_) return *sincePush_;
        planning::Base base{deployment_.before, deployment_.paths};
        if (!base.revision.empty()) {
            const auto& more = mirror_.has(base.revision) ? changedSince(base.revision) : allPaths_;
            base.paths.insert(base.paths.end(), more.begin(), more.end());
        }
        std::ranges::sort(base.paths);
        base.paths.erase(std::unique(base.paths.begin(), base.paths.end()), base.paths.end());
        return sincePush_.emplace(std::move(base));
    }

private:
    // A push begins, as a rule, where the last one was deployed.
    const std::vector<std::string>& changedSince(const std::string& base) {
        const auto known = changed_.find(base);
        if (known != changed_.end()) return known->second;
        try {
            return changed_[base] = mirror_.changedPaths(base, revision_);
        } catch (const repository::GitFailed& e) {
            if (e.kind() != "too_large") throw;
            return changed_[base] = allPaths_;  // the revision is not: anything may have changed
        }
    }

    const repository::Mirror& mirror_;
    const Deployment& deployment_;
    const std::string& revision_;
    const std::vector<std::string>& allPaths_;
    const std::function<bool(const std::string& than)> isLate_;
    std::map<std::string, std::vector<std::string>> changed_;
    std::map<std::string, std::optional<planning::Base>> bases_;
    std::optional<planning::Base> sincePush_;
};

// A push deploys again what did not end well the last time, whatever it touches.
std::optional<std::string> owed(const Target& target) {
    if (!isOwed(target)) return std::nullopt;
    if (target.last_outcome == kHeldOutcome)
        return "it was held when deployment " + std::to_string(target.last_deployment) + " came";
    return "its last deployment, " + std::to_string(target.last_deployment) + ", ended " +
           target.last_outcome;
}

void addInOrder(Plan& plan, const planning::Catalogue& catalogue,
                const std::map<std::string, std::string>& more) {
    std::vector<PlannedService> services;
    for (const auto& service : catalogue.services()) {
        const auto planned = std::ranges::find(plan.services, service.id, &PlannedService::service);
        const auto added = more.find(service.id);
        if (planned != plan.services.end()) {
            services.push_back(*planned);
        } else if (added != more.end()) {
            services.push_back({service.id, added->second});
            std::erase_if(plan.skipped, [&](const auto& one) { return one.service == service.id; });
        }
    }
    plan.services = std::move(services);
}

}  // namespace

Preparation::Preparation(const config::Settings& settings, history::History& history,
                         repository::Mirror& mirror, planning::CatalogueView& newest,
                         const planning::Planner& planner, const Clock& clock)
    : settings_(settings),
      history_(history),
      mirror_(mirror),
      newest_(newest),
      planner_(planner),
      clock_(clock) {}

Prepared Preparation::prepare(const Deployment& deployment, const Cancellation& cancel,
                              const Found& found) {
    Branch branch = branchOf(deployment.ref, cancel);
    const std::string revision = onTheBranch(find(deployment, branch, cancel), deployment, branch);
    if (found) found(revision);
    Prepared prepared = planAt(revision, deployment, branch);
    if (deployment.dry_run || deployment.rollback_of != 0) return prepared;
    checkGate(deployment, prepared);
    prepared.plan = withoutHeld(std::move(prepared.plan), deployment);
    return prepared;
}

Prepared Preparation::preview(const Deployment& deployment, const Cancellation& cancel) {
    Branch branch = branchOf({}, cancel);
    return planAt(find(deployment, branch, cancel), deployment, branch);
}

// Empty: the one that the configuration names.
Branch Preparation::branchOf(std::string ref, const Cancellation& cancel) {
    if (ref.empty()) ref = settings_.repository.ref();
    return {mirror_, ref, [this, ref, &cancel] { fetchPatiently(ref, cancel); }};
}

std::string Preparation::find(const Deployment& deployment, Branch& branch,
                              const Cancellation& cancel) {
    std::string revision = findRevision(deployment, branch, cancel);
    revision = newestOf(std::move(revision), deployment, branch, cancel);
    failpoint("preparation.fetched");
    return revision;
}

Prepared Preparation::planAt(const std::string& revision, const Deployment& deployment,
                             Branch& branch) {
    const auto paths = mirror_.paths(revision);
    planning::Catalogue catalogue(settings_.services, paths);
    for (const auto& why : catalogue.refused()) log::warning("planning", why);
    Plan plan = deployment.kind == EventKind::change
                    ? planChange(deployment, revision, branch, catalogue, paths)
                    : planRequest(deployment, catalogue);
    // The newest revision of the branch is what the next answers are made from.
    if (revision == mirror_.resolve(settings_.repository.ref())) newest_.publish(catalogue);
    auto subject = deployment.subject.empty() ? mirror_.subject(revision) : std::string();
    return {revision, std::move(catalogue), std::move(plan), std::move(subject)};
}

// A service is good at a revision where it was deployed at it, and where nothing of it has changed
// since the revision that it was last good at: the same rule by which a push skips it.
bool Preparation::isGoodIn(std::string_view environment, const std::string& service,
                           const std::string& revision, const planning::Catalogue& catalogue) {
    const auto there = catalogue.ids(environment);
    if (std::ranges::find(there, service) == there.end())
        return true;  // nobody can deploy it there
    if (history_.succeededAt(environment, service, revision)) return true;
    const auto targets = history_.targets(environment);
    const auto target = std::ranges::find(targets, service, &Target::service);
    if (target == targets.end() || !mirror_.has(target->last_good_revision)) return false;
    const auto& base = target->last_good_revision;
    const auto plan = planner_.forBases({{service, {base, mirror_.changedPaths(base, revision)}}},
                                        catalogue, environment);
    return std::ranges::find(plan.services, service, &PlannedService::service) ==
           plan.services.end();
}

std::string Preparation::refusedByGate(const std::string& environment, const std::string& tag,
                                       const Prepared& prepared) {
    const auto* gated = settings_.environment(environment);
    if (gated == nullptr) return {};
    std::vector<std::string> services;
    for (const auto& planned : prepared.plan.services) services.push_back(planned.service);
    return planning::refusedBy(gated->require, environment, tag, prepared.revision, services,
                               [&](auto where, const auto& service) {
                                   return isGoodIn(where, service, prepared.revision,
                                                   prepared.catalogue);
                               });
}

std::vector<std::string> Preparation::neverDeployed(const std::string& environment,
                                                    const Prepared& prepared) {
    auto never = prepared.catalogue.ids(environment);
    const auto targets = history_.targets(environment);
    std::erase_if(never, [&](const std::string& id) {
        const auto target = std::ranges::find(targets, id, &Target::service);
        return (target != targets.end() && !target->last_good_revision.empty()) ||
               std::ranges::find(prepared.plan.services, id, &PlannedService::service) !=
                   prepared.plan.services.end();
    });
    return never;
}

// Looked at when the deployment was accepted, where that was possible; here it is certain.
void Preparation::checkGate(const Deployment& deployment, const Prepared& prepared) {
    const auto why = refusedByGate(deployment.environment, deployment.tag, prepared);
    if (!why.empty())
        throw CannotDeploy({"gate", why, "Do what the gate asks for, then deploy it again."});
}

Plan Preparation::withoutHeld(Plan plan, const Deployment& deployment) {
    const bool nothing = plan.services.empty();
    plan = planning::withoutHeld(std::move(plan), *history_.holds(), deployment.environment,
                                 clock_.now());
    // Who asked for something by name is told that it did not happen.
    if (deployment.kind == EventKind::request && plan.services.empty() && !nothing)
        throw CannotDeploy({"held",
                            plan.skipped.back().service + " is " + plan.skipped.back().reason,
                            "Release the hold, then retry the deployment."});
    return plan;
}

void Preparation::refresh(const Cancellation& cancel) {
    mirror_.fetch(&cancel);
    showServices();
}

void Preparation::showServices() {
    const auto head = mirror_.resolve(settings_.repository.ref());
    if (!head) {
        log::warning("repository", "the repository has no branch \"" + settings_.repository.branch +
                                       "\" yet; set repository.branch, or push one");
        return;
    }
    planning::Catalogue catalogue(settings_.services, mirror_.paths(*head));
    const std::string found = std::to_string(catalogue.services().size()) + " services at " + *head;
    newest_.publish(std::move(catalogue));
    log::info("repository", found + " (" + settings_.repository.branch + ")");
}

// A remote that does not answer now may answer in a moment; the last time it is a failure. What is
// there already needs no remote.
bool Preparation::isFetched(const std::string& revision, bool last, const Cancellation& cancel) {
    try {
        mirror_.fetch(&cancel);
        return true;
    } catch (const repository::GitFailed& e) {
        if (e.kind() != "cancelled" && mirror_.has(revision)) return true;
        if (last || e.kind() != "git_unreachable") throw;
        log::warning("repository", std::string(e.what()) + "; it is tried again");
        return false;
    }
}

// What a push tells of is new, as a rule: git is not asked for it before it is fetched.
bool Preparation::isThere(const Deployment& deployment) const {
    const bool pushed = deployment.kind == EventKind::change && !deployment.before.empty() &&
                        deployment.retry_of == 0;
    return pushed ? mirror_.isKnown(deployment.revision) : mirror_.has(deployment.revision);
}

// The head of a branch, where no certain commit has to be there.
void Preparation::fetchPatiently(const std::string& ref, const Cancellation& cancel) {
    for (int fetch = 1; !isFetched({}, fetch == kFetches, cancel); ++fetch)
        pauseBetween(fetch, ref, cancel);
}

std::string Preparation::findRevision(const Deployment& deployment, Branch& branch,
                                      const Cancellation& cancel) {
    if (isThere(deployment)) return deployment.revision;
    for (int fetch = 1; fetch <= kFetches; ++fetch) {
        if (!isFetched(deployment.revision, fetch == kFetches, cancel)) {
            pauseBetween(fetch, deployment.ref, cancel);
            continue;
        }
        branch.fetched();
        if (!deployment.revision.empty()) {
            if (mirror_.has(deployment.revision)) return deployment.revision;
        } else if (const auto found = mirror_.resolve(askedRef(deployment.ref, deployment.tag))) {
            return *found;
        } else if (deployment.kind == EventKind::request) {
            break;  // nobody promised that it is there
        }
        if (fetch < kFetches) pauseBetween(fetch, deployment.ref, cancel);
    }
    const auto why = deployment.revision.empty()
                         ? repository::noSuchRef(deployment.ref, deployment.tag)
                         : repository::noSuchRef(deployment.revision);
    throw CannotDeploy({kRefNotFound, why, "Push it, or deploy a ref that exists."});
}

// Deliveries may come out of order: an older push can have taken over a newer one that waited.
std::string Preparation::newestOf(std::string revision, const Deployment& deployment,
                                  Branch& branch, const Cancellation& cancel) {
    const auto here = [this](const std::string& one) { return mirror_.has(one); };
    if (!std::ranges::all_of(deployment.taken_over, here)) {
        mirror_.fetch(&cancel);
        branch.fetched();
    }
    for (const auto& other : deployment.taken_over)
        if (here(other) && branch.isLate(revision, other)) revision = other;
    return revision;
}

// A push says that its branch has moved to a commit. What the branch does not contain (a force push
// took it away, or somebody signed the commit of another branch) is not what the branch has to
// offer: its head is. A retry names its commit on purpose.
std::string Preparation::onTheBranch(std::string revision, const Deployment& deployment,
                                     Branch& branch) {
    if (deployment.kind != EventKind::change || deployment.retry_of != 0) return revision;
    if (branch.contains(revision)) return revision;
    const auto head = branch.head();
    if (!head)
        throw CannotDeploy({kRefNotFound,
                            "there is no branch \"" + deployment.ref + "\" in the repository",
                            "Push the branch, or set repository.branch."});
    log::info("engine", "commit " + revision + " is not on " + deployment.ref +
                            "; the branch's head " + *head + " is deployed instead");
    return *head;
}

Plan Preparation::planChange(const Deployment& deployment, const std::string& revision,
                             Branch& branch, const planning::Catalogue& catalogue,
                             const std::vector<std::string>& paths) {
    std::map<std::string, Target> targets;
    for (auto& target : history_.targets(deployment.environment))
        targets.emplace(target.service, std::move(target));

    Bases bases(mirror_, deployment, revision, paths,
                [&](const std::string& than) { return branch.isLate(revision, than); });
    std::map<std::string, planning::Base> asked;
    std::map<std::string, std::string> again;
    std::vector<SkippedService> newer;
    for (const auto& id : catalogue.ids(deployment.environment)) {
        const auto target = targets.find(id);
        if (target == targets.end() || target->second.last_good_revision.empty()) {
            asked.emplace(id, bases.sinceThePush());
        } else if (const auto base = bases.since(target->second.last_good_revision)) {
            asked.emplace(id, *base);
        } else {
            newer.push_back({id, "a newer revision is deployed already (" +
                                     shortSha(target->second.last_good_revision) + ")"});
            continue;
        }
        if (target != targets.end())
            if (auto reason = owed(target->second)) again.emplace(id, *reason);
    }
    Plan plan = planner_.forBases(asked, catalogue, deployment.environment);
    addInOrder(plan, catalogue, again);
    plan.skipped.insert(plan.skipped.end(), newer.begin(), newer.end());
    return plan;
}

Plan Preparation::planRequest(const Deployment& deployment, const planning::Catalogue& catalogue) {
    std::vector<std::string> ids;
    std::vector<SkippedService> missing;
    for (const auto& service : deployment.services) {
        std::string why;
        const auto* found = catalogue.resolve(service, deployment.environment, why);
        if (found == nullptr && deployment.rollback_of != 0) {
            // What the change that is taken back had added: there is nothing to go back to.
            missing.push_back({service, "it is not there at the revision that is gone back to"});
            continue;
        }
        if (found == nullptr)
            throw CannotDeploy({"unknown_service", "at this revision " + why,
                                "Name a service that exists at the revision."});
        ids.push_back(found->id);
    }
    if (ids.empty() && !missing.empty()) return {{}, missing};  // no ids would mean all
    Plan plan = planning::Planner::forRequest(ids, catalogue, deployment.environment,
                                              deployment.triggered_by);
    plan.skipped.insert(plan.skipped.end(), missing.begin(), missing.end());
    return plan;
}

}  // namespace iac::engine

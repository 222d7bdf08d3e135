#include "engine/preview.hpp"

namespace iac::engine {
namespace {

// A push deploys what it touches, so that a plan of a fresh installation is empty.
std::string firstDeployment(const PlanQuestion& question, const std::vector<std::string>& never,
                            std::size_t services) {
    constexpr std::size_t kMostNamed = 5;
    if (never.empty()) return {};
    const std::string command = "\"iac-runner deploy " + question.environment + " " + question.ref;
    if (never.size() == services)
        return "nothing has been deployed to " + question.environment +
               " yet: a push deploys the services that it touches; " + command +
               "\" deploys all of them";
    std::string names;
    for (std::size_t i = 0; i < never.size() && i < kMostNamed; ++i)
        names += (i == 0 ? "" : ", ") + never[i];
    if (never.size() > kMostNamed)
        names += " and " + std::to_string(never.size() - kMostNamed) + " more";
    return "never deployed to " + question.environment + ": " + names +
           "; a push that touches one deploys it, and so does " + command + " --service " +
           never.front() + "\"";
}

}  // namespace

PlanAnswer Preview::answer(const PlanQuestion& question, const Cancellation& cancel) {
    if (!question.files.empty()) return ofFiles(question, cancel);
    if (!question.ref.empty()) return ofRef(question, cancel);
    const std::string head = revisionOf(question.head, cancel);
    const std::string base = revisionOf(question.base, cancel);
    const planning::Catalogue catalogue(settings_.services, mirror_.paths(head));
    return {head,
            planner_.forPaths(mirror_.changedPaths(base, head), &catalogue, question.environment,
                              planning::Unknown::skip),
            {},
            {}};
}

PlanAnswer Preview::ofRef(const PlanQuestion& question, const Cancellation& cancel) {
    Deployment asked;
    asked.kind = EventKind::change;
    asked.environment = question.environment;
    asked.ref = question.ref;
    asked.revision = revisionOf(question.ref, cancel);
    auto prepared = preparation_.preview(asked, cancel);
    auto refused = preparation_.refusedByGate(question.environment, question.tag, prepared);
    auto note = firstDeployment(question, preparation_.neverDeployed(asked.environment, prepared),
                                prepared.catalogue.ids(asked.environment).size());
    return {std::move(prepared.revision), std::move(prepared.plan), std::move(refused),
            std::move(note)};
}

PlanAnswer Preview::ofFiles(const PlanQuestion& question, const Cancellation& cancel) {
    const auto judge = [&](std::string revision, const planning::Catalogue* catalogue) {
        return PlanAnswer{std::move(revision),
                          planner_.forPaths(question.files, catalogue, question.environment,
                                            planning::Unknown::skip),
                          {},
                          {}};
    };
    if (!question.ref.empty()) {
        const std::string revision = revisionOf(question.ref, cancel);
        const planning::Catalogue catalogue(settings_.services, mirror_.paths(revision));
        return judge(revision, &catalogue);
    }
    const auto head =
        mirror_.healthy() ? mirror_.resolve(settings_.repository.ref()) : std::nullopt;
    return judge(head.value_or(""), newest_.latest().get());
}

std::string Preview::revisionOf(const std::string& ref, const Cancellation& cancel) {
    if (isFullSha(ref) && mirror_.has(ref)) return ref;
    mirror_.fetch(&cancel);
    if (const auto found = mirror_.resolve(ref)) return *found;
    throw CannotDeploy(
        {"ref_not_found", repository::noSuchRef(ref), "Push it, or name one that exists."});
}

}  // namespace iac::engine

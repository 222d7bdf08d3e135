#include "engine/preview.hpp"

namespace iac::engine {

PlanAnswer Preview::answer(const PlanQuestion& question, const Cancellation& cancel) {
    if (!question.ref.empty()) {
        Deployment asked;
        asked.kind = EventKind::change;
        asked.environment = question.environment;
        asked.ref = question.ref;
        asked.revision = revisionOf(question.ref, cancel);
        auto prepared = preparation_.preview(asked, cancel);
        auto refused = preparation_.refusedByGate(question.environment, question.tag, prepared);
        return {std::move(prepared.revision), std::move(prepared.plan), std::move(refused)};
    }
    if (!question.head.empty()) {
        const std::string head = revisionOf(question.head, cancel);
        const std::string base = revisionOf(question.base, cancel);
        const planning::Catalogue catalogue(settings_.services, mirror_.paths(head));
        return {head,
                planner_.forPaths(mirror_.changedPaths(base, head), &catalogue,
                                  question.environment, planning::Unknown::skip),
                {}};
    }
    const auto catalogue = newest_.latest();
    const auto head =
        mirror_.healthy() ? mirror_.resolve(settings_.repository.ref()) : std::nullopt;
    return {head.value_or(""),
            planner_.forPaths(question.files, catalogue.get(), question.environment,
                              planning::Unknown::skip),
            {}};
}

std::string Preview::revisionOf(const std::string& ref, const Cancellation& cancel) {
    if (isFullSha(ref) && mirror_.has(ref)) return ref;
    mirror_.fetch(&cancel);
    if (const auto found = mirror_.resolve(ref)) return *found;
    throw CannotDeploy({"ref_not_found",
                        "there is no branch, tag or commit \"" + ref + "\" in the repository",
                        "Push it, or name one that exists."});
}

}  // namespace iac::engine

#include "intake/intake.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "repository/mirror.hpp"

namespace iac::intake {
namespace {

std::string environmentNames(const config::Settings& settings) {
    std::string names;
    for (const auto& one : settings.environments) names += (names.empty() ? "" : ", ") + one.name;
    return names;
}

void checkEnvironment(const config::Settings& settings, const Event& event) {
    if (settings.environment(event.environment) == nullptr)
        throw Refused(422, "there is no environment \"" + event.environment +
                               "\" (there are: " + environmentNames(settings) + ")");
}

void checkRef(const Event& event) {
    if (!event.ref.empty() && !repository::isValidRef(event.ref))
        throw Refused(400,
                      "\"" + event.ref + "\" is no valid name of a branch or tag, and no full SHA");
    for (const std::string& sha : {event.revision, event.before})
        if (!sha.empty() && !repository::isFullSha(sha))
            throw Refused(400, "\"" + sha + "\" is no full commit SHA");
}

}  // namespace

Intake::Intake(const config::Settings& settings, history::History& history,
               planning::CatalogueView& catalogue, const planning::Planner& planner,
               Lookups lookups)
    : settings_(settings),
      history_(history),
      catalogue_(catalogue),
      planner_(planner),
      lookups_(std::move(lookups)) {}

Receipt Intake::receive(Event event) {
    // Who names no environment means the first of the configuration.
    if (event.environment.empty()) event.environment = settings_.environments.front().name;
    checkEnvironment(settings_, event);
    checkRef(event);
    if (event.ref.empty()) event.ref = "refs/heads/" + settings_.repository.branch;
    return event.kind == EventKind::change ? change(event) : request(event);
}

Receipt Intake::change(const Event& event) {
    const auto catalogue = catalogue_.latest();
    // Only a hint for the answer: the engine asks git. The catalogue is of an earlier revision, so
    // a service that this very push adds is kept as the mapper names it.
    const Plan hint =
        planner_.forPaths(event.paths, catalogue.get(), event.environment, planning::Unknown::keep);
    const bool nothing = hint.services.empty() && event.paths_complete && catalogue &&
                         !isBehind(event.environment, *catalogue);
    const auto admission = nothing
                               ? history_.admit(event, std::nullopt, "the paths touch no service")
                               : history_.admit(event, hint);
    return {admission.event,     admission.deployment,
            admission.duplicate, event.environment,
            event.revision,      admission.deployment == 0 ? hint : admission.plan};
}

bool Intake::isBehind(std::string_view environment, const planning::Catalogue& catalogue) {
    return std::ranges::any_of(history_.targets(environment), [&](const Target& target) {
        const auto outcome = stepState(target.last_outcome);
        return outcome != StepState::changed && outcome != StepState::unchanged &&
               catalogue.find(target.service) != nullptr;
    });
}

Receipt Intake::request(Event& event) {
    const std::string ref = askedRef(event.ref, event.tag);
    if (lookups_.ref_exists && lookups_.ref_exists(ref) == false)
        throw Refused(422,
                      "there is no branch, tag or commit \"" + event.ref + "\" in the repository");
    const auto catalogue = resolveServices(event);
    const Plan plan = catalogue
                          ? planning::Planner::forRequest(event.services, *catalogue,
                                                          event.environment, event.triggered_by)
                          : Plan{};
    const auto admission = history_.admit(event, plan);
    return {admission.event,   admission.deployment, admission.duplicate,
            event.environment, event.revision,       admission.plan};
}

std::shared_ptr<const planning::Catalogue> Intake::resolveServices(Event& event) {
    auto catalogue = catalogue_.latest();
    bool newest = true;
    std::string why;
    for (auto& service : event.services) {
        const auto* found =
            catalogue ? catalogue->resolve(service, event.environment, why) : nullptr;
        if (found == nullptr && newest && lookups_.catalogue_at) {
            // Only at the ref that is asked for, or added since the last look: the newest is no
            // judge of that.
            catalogue = lookups_.catalogue_at(askedRef(event.ref, event.tag));
            newest = false;
            found = catalogue ? catalogue->resolve(service, event.environment, why) : nullptr;
        }
        if (catalogue && found == nullptr) throw Refused(422, why);
        if (found != nullptr) service = found->id;
    }
    return catalogue;
}

void Intake::ignored(const Event& event, std::string_view reason) {
    history_.admit(event, std::nullopt, reason);
}

}  // namespace iac::intake

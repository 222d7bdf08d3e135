#include "intake/intake.hpp"

#include <algorithm>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "intake/checks.hpp"
#include "planning/permission.hpp"
#include "repository/mirror.hpp"

namespace iac::intake {

Receipt receiptOf(history::Admission admission, const Event& event) {
    return {admission.event,   admission.deployment,      admission.duplicate, event.environment,
            event.revision,    std::move(admission.plan), event.ref,           event.tag,
            event.triggered_by};
}

Intake::Intake(const config::Settings& settings, history::History& history,
               planning::CatalogueView& catalogue, const planning::Planner& planner,
               Lookups lookups, const Masker& masker, const Clock& clock)
    : settings_(settings),
      history_(history),
      catalogue_(catalogue),
      planner_(planner),
      lookups_(std::move(lookups)),
      masker_(masker),
      clock_(clock) {}

Event Intake::masked(Event event) const {
    for (std::string* text : {&event.delivery, &event.environment, &event.ref, &event.tag,
                              &event.triggered_by, &event.subject})
        *text = masker_.mask(*text);
    for (auto* texts : {&event.paths, &event.services})
        for (auto& text : *texts) text = masker_.mask(text);
    return event;
}

Receipt Intake::receive(Event event, const Nonce& nonce) {
    failpoint("intake.received");
    event = masked(std::move(event));
    // Who names no environment means the first of the configuration.
    if (event.environment.empty()) event.environment = settings_.environments.front().name;
    checkEnvironment(settings_, event.environment);
    checkRef(event);
    if (event.ref.empty()) event.ref = settings_.repository.ref();
    auto receipt = event.kind == EventKind::change ? change(event, nonce) : request(event, nonce);
    failpoint("intake.admitted");
    return receipt;
}

Receipt Intake::change(const Event& event, const Nonce& nonce) {
    const auto catalogue = catalogue_.latest();
    // Only a hint for the answer: the engine asks git. The catalogue is of an earlier revision, so
    // a service that this very push adds is kept as the mapper names it.
    const Plan hint =
        planner_.forPaths(event.paths, catalogue.get(), event.environment, planning::Unknown::keep);
    const bool nothing = hint.services.empty() && event.paths_complete && catalogue &&
                         !isBehind(event.environment, *catalogue);
    auto receipt =
        receiptOf(nothing ? history_.admit(event, std::nullopt, "the paths touch no service", nonce)
                          : history_.admit(event,
                                           planning::withoutHeld(hint, *history_.holds(),
                                                                 event.environment, clock_.now()),
                                           {}, nonce),
                  event);
    if (receipt.deployment == 0) receipt.plan = hint;
    return receipt;
}

bool Intake::isBehind(std::string_view environment, const planning::Catalogue& catalogue) {
    return std::ranges::any_of(history_.targets(environment), [&](const Target& target) {
        return isOwed(target) && catalogue.find(target.service) != nullptr;
    });
}

Receipt Intake::request(Event& event, const Nonce& nonce) {
    const Plan plan = requestPlan(event);
    return receiptOf(history_.admit(event, plan, {}, nonce), event);
}

Plan Intake::requestPlan(Event& event) {
    const std::string ref = askedRef(event.ref, event.tag);
    const bool known = !event.revision.empty();
    if (!known && lookups_.ref_exists && lookups_.ref_exists(ref) == false)
        throw Refused(422, repository::noSuchRef(event.ref, event.tag));
    const auto catalogue = resolveServices(event);
    if (!event.dry_run && event.rollback_of == 0) {
        checkNotHeld(event);
        checkGate(event, catalogue.get());
    }
    if (!catalogue) return {};
    return planning::Planner::forRequest(event.services, *catalogue, event.environment,
                                         event.triggered_by);
}

// The engine looks again when the deployment starts; here whoever asks is told at once.
void Intake::checkNotHeld(const Event& event) {
    const auto holds = history_.holds();
    auto asked = event.services;
    if (asked.empty()) asked.emplace_back();  // all: only a hold on the environment stops that
    for (const std::string& service : asked)
        if (const Hold* hold = planning::holdOn(*holds, event.environment, service, clock_.now());
            hold != nullptr)
            throw Refused(409, (hold->service.empty() ? hold->environment : service) + " is " +
                                   describe(*hold) + "; release hold " + std::to_string(hold->id) +
                                   " first");
}

void Intake::checkGate(const Event& event, const planning::Catalogue* catalogue) {
    const auto& gate = settings_.environment(event.environment)->require;
    if (gate.tag.empty() && gate.succeeded_in.empty()) return;
    auto revision = event.revision;
    if (revision.empty() && lookups_.revision_of)
        revision = lookups_.revision_of(askedRef(event.ref, event.tag)).value_or("");
    // Only what is certain without git: a service that was never good there. The engine asks git
    // what has changed since.
    const auto mayBeGood = [&](std::string_view environment, const std::string& service) {
        if (revision.empty() || history_.succeededAt(environment, service, revision)) return true;
        const auto targets = history_.targets(environment);
        const auto target = std::ranges::find(targets, service, &Target::service);
        return target != targets.end() && !target->last_good_revision.empty();
    };
    auto services = event.services;
    if (services.empty() && catalogue != nullptr) services = catalogue->ids(event.environment);
    // Nobody knows the services yet, but whether anything was ever good there.
    if (services.empty() && !gate.succeeded_in.empty() &&
        std::ranges::all_of(history_.targets(gate.succeeded_in),
                            [](const Target& target) { return target.last_good_revision.empty(); }))
        throw Refused(409, event.environment + " takes only what has succeeded in " +
                               gate.succeeded_in + ", and nothing has; deploy it there first");
    const auto why =
        planning::refusedBy(gate, event.environment, event.tag, revision, services, mayBeGood);
    if (!why.empty()) throw Refused(409, why);
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
            catalogue = lookups_.catalogue_at(
                event.revision.empty() ? askedRef(event.ref, event.tag) : event.revision);
            newest = false;
            found = catalogue ? catalogue->resolve(service, event.environment, why) : nullptr;
        }
        // What the change that is rolled back had added is not there: the engine skips it.
        if (catalogue && found == nullptr && event.rollback_of == 0) throw Refused(422, why);
        if (found != nullptr) service = found->id;
    }
    return catalogue;
}

void Intake::ignored(const Event& event, std::string_view reason, const Nonce& nonce) {
    history_.admit(masked(event), std::nullopt, masker_.mask(reason), nonce);
}

}  // namespace iac::intake

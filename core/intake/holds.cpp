#include <algorithm>

#include "intake/checks.hpp"
#include "intake/intake.hpp"

namespace iac::intake {

Hold Intake::hold(Hold hold) {
    hold.reason = masker_.mask(hold.reason);
    hold.by = masker_.mask(hold.by);
    checkEnvironment(settings_, hold.environment);
    checkActor(hold.by);
    if (hold.reason.empty())
        throw Refused(422, "a hold needs a reason, for those who find themselves held");
    if (hold.until && *hold.until <= clock_.now())
        throw Refused(422, "\"until\" is in the past: " + toText(*hold.until));
    if (!hold.service.empty()) {
        std::string why;
        const auto catalogue = catalogue_.latest();
        const auto* found =
            catalogue ? catalogue->resolve(hold.service, hold.environment, why) : nullptr;
        const auto targets = history_.targets(hold.environment);
        if (found != nullptr) {
            hold.service = found->id;
        } else if (std::ranges::find(targets, hold.service, &Target::service) == targets.end()) {
            if (catalogue) throw Refused(422, why);
            throw Refused(503, "the services are not known yet: the repository was not fetched");
        }
    }
    return history_.place(hold);
}

Receipt Intake::release(HoldId id, const std::string& released_by) {
    const std::string by = masker_.mask(released_by);
    const auto open = history_.holds();
    const auto hold = std::ranges::find(*open, id, &Hold::id);
    if (hold == open->end()) throw Refused(404, "there is no open hold " + std::to_string(id));
    Event event;
    event.trigger = kRelease;
    event.kind = EventKind::change;
    event.environment = hold->environment;
    event.ref = settings_.repository.ref();
    event.triggered_by = by;
    event.subject = "what was held: " + hold->reason;
    try {
        // An environment that the configuration has lost has no lane to catch up.
        const bool gone = settings_.environment(event.environment) == nullptr;
        return receiptOf(history_.release(id, by, gone ? std::nullopt : std::optional(event)),
                         event);
    } catch (const history::WrongState& e) {
        throw Refused(404, e.what());  // somebody else was faster
    }
}

void Intake::releaseExpired() {
    const auto now = clock_.now();
    const auto holds = history_.holds();  // each release makes a new list
    for (const Hold& hold : *holds) {
        if (hold.isOpen(now)) continue;
        try {
            release(hold.id, "its time");
        } catch (const Refused&) {
            // somebody released it meanwhile
        }
    }
}

}  // namespace iac::intake

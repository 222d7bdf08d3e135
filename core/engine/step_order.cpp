#include "engine/step_order.hpp"

#include <algorithm>

namespace iac::engine {
namespace {

// A service may depend on one that is no part of this deployment, and that on one that is.
void collect(const planning::Catalogue& catalogue, const std::string& service,
             std::set<std::string>& all) {
    const auto* found = catalogue.find(service);
    if (found == nullptr) return;
    for (const std::string& other : found->depends_on)
        if (all.insert(other).second) collect(catalogue, other, all);
}

}  // namespace

StepOrder::StepOrder(const std::vector<Step>& steps, const planning::Catalogue& catalogue,
                     config::OnFailure onFailure)
    : steps_(steps), before_(steps.size()), on_failure_(onFailure) {
    for (const Step& step : steps) {
        const bool open = step.state == StepState::pending;
        places_.push_back(open                    ? Place::waiting
                          : endedWell(step.state) ? Place::well
                                                  : Place::badly);
        if (open) ++open_;
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
        std::set<std::string> services;
        collect(catalogue, steps[i].service, services);
        for (const std::string& service : services)
            if (const auto other = indexOf(service); other < steps.size() && other != i)
                before_[i].insert(other);
    }
}

std::optional<StepOrder::Next> StepOrder::next() {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (places_[i] != Place::waiting) continue;
        const Step* because = reasonToSkip(i);
        if (because == nullptr && !mayBegin(i)) continue;
        places_[i] = Place::handed_out;
        return Next{&steps_[i], because};
    }
    return std::nullopt;
}

void StepOrder::ended(const Step& step, bool well) {
    places_[indexOf(step.service)] = well ? Place::well : Place::badly;
    --open_;
}

std::size_t StepOrder::indexOf(const std::string& service) const {
    return static_cast<std::size_t>(std::ranges::find(steps_, service, &Step::service) -
                                    steps_.begin());
}

const Step* StepOrder::reasonToSkip(std::size_t index) const {
    for (std::size_t other = 0; other < steps_.size(); ++other) {
        if (places_[other] != Place::badly) continue;
        if (on_failure_ == config::OnFailure::stop || before_[index].contains(other))
            return &steps_[other];
    }
    return nullptr;
}

bool StepOrder::mayBegin(std::size_t index) const {
    return std::ranges::all_of(before_[index],
                               [this](std::size_t other) { return places_[other] == Place::well; });
}

std::optional<StepOrder::Next> StepQueue::take() {
    std::optional<StepOrder::Next> next;
    state_.lock().wait(changed_, [&](State& state) {
        if (!state.interrupted) next = state.order.next();
        return next || state.interrupted || state.order.done();
    });
    return next;
}

void StepQueue::ended(const Step& step, std::optional<bool> well) {
    if (!well) return interrupt();
    state_.lock()->order.ended(step, *well);
    changed_.notify_all();
}

void StepQueue::interrupt() {
    state_.lock()->interrupted = true;
    changed_.notify_all();
}

}  // namespace iac::engine

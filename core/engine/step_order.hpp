#pragma once

#include <condition_variable>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "config/settings.hpp"
#include "model/deployment.hpp"
#include "planning/catalogue.hpp"

namespace iac::engine {

/// Which step of a deployment is next: never one that depends on another which has not ended, and
/// not one behind a failure that stops it. A value; it does nothing itself.
class StepOrder {
public:
    /// Steps that have ended already (in an earlier run) stay as they are.
    StepOrder(const std::vector<Step>& steps, const planning::Catalogue& catalogue,
              config::OnFailure onFailure);

    struct Next {
        const Step* step = nullptr;
        const Step* because = nullptr;  ///< it is to be skipped, because of this one; null: run it
    };
    /// Handed out once. Empty: none can begin now, or none is left.
    std::optional<Next> next();
    /// A step that was handed out has ended; steps that were skipped count as not well.
    void ended(const Step& step, bool well);
    /// Every step has ended.
    bool done() const { return open_ == 0; }

private:
    enum class Place { waiting, handed_out, well, badly };

    std::size_t indexOf(const std::string& service) const;
    const Step* reasonToSkip(std::size_t index) const;
    bool mayBegin(std::size_t index) const;

    const std::vector<Step>& steps_;
    std::vector<Place> places_;
    std::vector<std::set<std::size_t>>
        before_;  ///< the steps that each depends on, also indirectly
    config::OnFailure on_failure_;
    std::size_t open_ = 0;
};

/// The same for several threads that carry out the steps of one deployment. [any-thread]
class StepQueue {
public:
    explicit StepQueue(StepOrder order) : state_(State{std::move(order), false}) {}

    /// Waits until a step can begin; empty: every step has ended or was handed out to the others,
    /// or the deployment is interrupted.
    std::optional<StepOrder::Next> take();
    /// Whether it ended well; empty: it was interrupted, and no other begins.
    void ended(const Step& step, std::optional<bool> well);
    void interrupt();
    bool interrupted() { return state_.lock()->interrupted; }

private:
    struct State {
        StepOrder order;
        bool interrupted = false;
    };
    Guarded<State> state_;
    std::condition_variable changed_;
};

}  // namespace iac::engine

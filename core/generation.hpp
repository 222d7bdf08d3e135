#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/cancellation.hpp"
#include "base/cgroup.hpp"
#include "base/masker.hpp"
#include "config/settings.hpp"
#include "engine/engine.hpp"
#include "engine/preview.hpp"
#include "history/history.hpp"
#include "http/server.hpp"
#include "intake/intake.hpp"
#include "notify/delivery.hpp"
#include "planning/planner.hpp"
#include "plugins_in_use.hpp"
#include "repository/mirror.hpp"
#include "upkeep/upkeep.hpp"

namespace iac {

/// What every configuration of one daemon stands on. Outlives them.
struct Ground {
    history::History& history;
    repository::Mirror& mirror;
    Masker& masker;
    const Clock& clock;
    const http::Reloads& reloads;
    const Cancellation& stopping;  ///< nobody waits for an answer of git any more
    engine::LaneClaims& lane_claims;
    const Cgroups& cgroups;
};

/// Everything that one configuration decides: made and joined by hand, in the order in which a
/// deployment meets it. A reload makes the next one beside it; what runs ends in the one it began
/// in. The members end in the reverse order, so whoever uses a part is gone before it.
class Generation {
public:
    /// Makes everything, and starts nothing.
    Generation(std::unique_ptr<const PluginsInUse> plugins, const Ground& ground);

    const config::Settings& settings() const { return settings_; }
    const plugin::Registry& registry() const { return plugins_->registry(); }
    std::vector<std::string> warnings() const { return plugins_->warnings(ground_.cgroups); }
    /// What the HTTP server answers from. Asked for once; the generation has to stay until the last
    /// copy is gone.
    http::Rooms rooms();

    /// Looks at the services of the branch's head, as far as the mirror knows it, so that answers
    /// need not wait for a fetch. Throws a sentence: two services of one id, a cycle.
    void showServices();
    /// Begins its work as the first one of a daemon, which puts right what an interrupted run left.
    /// Throws history::Unavailable.
    void start();
    /// Begins its work in the place of one that has retired.
    void succeed();
    /// Takes no more work; what runs goes on. A message that is on its way is stopped, and
    /// delivered by the next.
    void retire();
    /// Of one that has retired: what to poll for before it may go, readable when it is worth asking
    /// again; empty: nothing in it runs, and nobody answers from it.
    std::optional<int> waitsFor() const;
    /// What of it runs is stopped and handed back now. Also while stop() waits, from another
    /// thread.
    void interrupt();
    /// The first of a stop: triggers are asked to return, so that who waits for one is answered.
    void stopTriggers() { plugins_->stopTriggers(); }
    /// Ends its work; running deployments are handed back at the deadline.
    void stop(std::chrono::steady_clock::time_point deadline);
    /// What waits for an environment that is not there any more fails.
    void failUnknownEnvironments();

private:
    std::optional<bool> refExists(std::string_view ref);
    std::optional<std::string> revisionOf(std::string_view ref);
    std::shared_ptr<const planning::Catalogue> catalogueAt(std::string_view ref);

    const std::unique_ptr<const PluginsInUse> plugins_;
    const config::Settings& settings_;
    const Ground ground_;
    planning::CatalogueView newest_;
    planning::Planner planner_;
    intake::Intake intake_;
    engine::Engine engine_;
    engine::Preview preview_;
    upkeep::Upkeep upkeep_;
    notify::Delivery delivery_;
    std::shared_ptr<Cancellation> left_ = std::make_shared<Cancellation>();
};

}  // namespace iac

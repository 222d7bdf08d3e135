#pragma once

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

/// The daemon: every part made and joined by hand, in the order in which a deployment meets them.
/// The members end in the reverse order, so whoever uses a part is gone before it.
class Runner {
public:
    /// Makes everything, and starts nothing. The masker learns every secret before any of them is
    /// used. Throws with a sentence: config::Invalid, plugin::Refused, ...
    Runner(config::Settings settings, Masker& masker);

    /// Runs until SIGTERM or SIGINT, which must be blocked in every thread. A second one stops at
    /// once.
    void serve();

private:
    http::Rooms rooms();
    std::optional<bool> refExists(std::string_view ref);
    std::optional<std::string> revisionOf(std::string_view ref);
    std::shared_ptr<const planning::Catalogue> catalogueAt(std::string_view ref);

    Cancellation stopping_;  ///< nobody waits for an answer of git any more
    config::Settings settings_;
    SystemClock clock_;
    Masker& masker_;
    PluginsInUse plugins_;
    history::History history_;
    repository::Mirror mirror_;
    planning::CatalogueView newest_;
    planning::Planner planner_;
    intake::Intake intake_;
    engine::Engine engine_;
    engine::Preview preview_;
    upkeep::Upkeep upkeep_;
    notify::Delivery delivery_;
};

}  // namespace iac

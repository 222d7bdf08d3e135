#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/masker.hpp"
#include "config/settings.hpp"
#include "engine/engine.hpp"
#include "history/history.hpp"
#include "http/server.hpp"
#include "intake/intake.hpp"
#include "notify/delivery.hpp"
#include "planning/planner.hpp"
#include "plugin/inside.hpp"
#include "plugin/registry.hpp"
#include "repository/mirror.hpp"

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
    struct TriggerInUse {
        config::TriggerUse use;
        plugin::Trigger trigger;
    };
    std::string pluginConfig(const config::PluginUse& use, const plugin::Plugin& plugin);
    std::vector<std::unique_ptr<TriggerInUse>> makeTriggers();
    std::vector<std::unique_ptr<plugin::Mapper>> makeMappers();
    engine::Executors makeExecutors();
    notify::Notifiers makeNotifiers();
    http::Rooms rooms();
    bool pluginsAreThere() const;

    config::Settings settings_;
    SystemClock clock_;
    std::vector<std::string> secrets_;  ///< every value that is masked
    Masker& masker_;
    plugin::Registry registry_;
    std::vector<std::unique_ptr<TriggerInUse>> triggers_;
    std::vector<std::unique_ptr<plugin::Mapper>> mappers_;
    engine::Executors executors_;
    notify::Notifiers notifiers_;
    history::History history_;
    repository::Mirror mirror_;
    planning::CatalogueView newest_;
    planning::Planner planner_;
    intake::Intake intake_;
    engine::Engine engine_;
    notify::Delivery delivery_;
};

}  // namespace iac

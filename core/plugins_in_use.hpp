#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/cgroup.hpp"
#include "base/masker.hpp"
#include "config/settings.hpp"
#include "engine/executors.hpp"
#include "notify/delivery.hpp"
#include "plugin/inside.hpp"
#include "plugin/registry.hpp"

namespace iac {

/// A trigger of the configuration, made.
struct TriggerInUse {
    config::TriggerUse use;
    plugin::Trigger trigger;
};

/// A configuration, and every plugin that it uses: loaded, its settings checked by its schema and
/// complete, and those that run inside made. Immutable once made.
class PluginsInUse {
public:
    /// Throws config::Invalid and plugin::Refused, with the place in the configuration. The masker
    /// learns every secret before any of them is used.
    PluginsInUse(config::Settings settings, Masker& masker);
    PluginsInUse(const PluginsInUse&) = delete;
    PluginsInUse& operator=(const PluginsInUse&) = delete;

    const config::Settings& settings() const { return settings_; }
    const plugin::Registry& registry() const { return registry_; }
    const std::vector<std::unique_ptr<TriggerInUse>>& triggers() const { return triggers_; }
    const std::vector<std::unique_ptr<plugin::Mapper>>& mappers() const { return mappers_; }
    const engine::Executors& executors() const { return executors_; }
    const notify::Notifiers& notifiers() const { return notifiers_; }

    /// What is valid and probably not meant, in sentences.
    std::vector<std::string> warnings(const Cgroups& cgroups) const;

    /// Whether the files of all of them are still where they were: an upgrade that removes the
    /// files of a running daemon shows here before it shows in a failed step.
    bool areThere() const;

    /// What runs inside gets no further call, and is asked to return. Thread-safe.
    void stopTriggers() const;
    void stopMappers() const;

private:
    void refuseTakenRoutes() const;
    void addMissingPrograms(std::vector<std::string>& warnings) const;
    const plugin::Plugin& needed(std::string_view kind, const config::PluginUse& use) const;
    std::string completeConfig(const config::PluginUse& use, const plugin::Plugin& plugin);

    const config::Settings settings_;
    Masker& masker_;
    plugin::Registry registry_;
    std::vector<std::unique_ptr<TriggerInUse>> triggers_;
    std::vector<std::unique_ptr<plugin::Mapper>> mappers_;
    engine::Executors executors_;
    notify::Notifiers notifiers_;
};

}  // namespace iac

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "plugin/registry.hpp"

namespace iac::cli {

/// Where `plugins list` and `plugins show` look.
struct PluginFolders {
    std::vector<std::string> named;  ///< --folder; empty: those of the configuration

    /// Of the configuration when one is there and can be read (otherwise a word on stderr), else
    /// the folder the runner was installed with.
    std::vector<std::filesystem::path> find(const Options& options) const;
};
/// Adds --folder.
void addFolders(CLI::App& command, PluginFolders& folders);

// The commands below `plugins`, one file each.
void addPluginsList(CLI::App& plugins, const Options& options, Run& run);
void addPluginsShow(CLI::App& plugins, const Options& options, Run& run);
void addPluginsCheck(CLI::App& plugins, Run& run);
void addPluginsNew(CLI::App& plugins, Run& run);

}  // namespace iac::cli

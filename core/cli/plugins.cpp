#include "cli/plugins.hpp"

#include <iostream>
#include <system_error>

#include "config/settings.hpp"

namespace iac::cli {

std::vector<std::filesystem::path> PluginFolders::find(const Options& options) const {
    if (!named.empty()) return {named.begin(), named.end()};
    const auto file = options.configFile();
    std::error_code unknown;
    if (!options.config.empty() || std::filesystem::exists(file, unknown)) {
        try {
            if (auto folders = config::load(file).plugin_folders; !folders.empty()) return folders;
        } catch (const config::Invalid& error) {
            std::cerr << "iac-runner: " << file.string()
                      << " cannot be read, so its plugin folders are not known:\n"
                      << error.what() << '\n';
        }
    }
    return {plugin::libraryFolder() / "plugins"};
}

void addFolders(CLI::App& command, PluginFolders& folders) {
    command
        .add_option("--folder", folders.named,
                    "A folder of plugins; may be repeated (default: those of the configuration)")
        ->expected(1)
        ->take_all();
}

void addPlugins(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand("plugins", "List, explain, check and begin plugins");
    command->require_subcommand(1);
    addPluginsList(*command, options, run);
    addPluginsShow(*command, options, run);
    addPluginsCheck(*command, run);
    addPluginsNew(*command, run);
}

}  // namespace iac::cli

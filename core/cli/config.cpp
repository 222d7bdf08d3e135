#include <iostream>
#include <memory>

#include "cli/commands.hpp"
#include "config/settings.hpp"

namespace iac::cli {

void addConfig(CLI::App& app, const Options& options, const Programs& programs, Run& run) {
    auto* command =
        app.add_subcommand("config", "Check a configuration, or show the annotated reference");
    command->require_subcommand(1);

    auto file = std::make_shared<std::string>();
    auto* check = command->add_subcommand(
        "check", "Say what is wrong with a configuration, with file, line and key");
    check->add_option("FILE", *file, "The configuration file (default: as for --config)");
    check->callback([&options, &programs, &run, file] {
        run = [&options, &programs, file] {
            return programs.check(file->empty() ? options.configFile()
                                                : std::filesystem::path(*file));
        };
    });

    auto* reference =
        command->add_subcommand("reference", "Print the annotated reference configuration");
    reference->callback([&run] {
        run = [] {
            std::cout << config::reference();
            return kDone;
        };
    });
}

}  // namespace iac::cli

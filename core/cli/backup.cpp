#include <iostream>
#include <memory>

#include "cli/commands.hpp"
#include "config/settings.hpp"
#include "history/history.hpp"

namespace iac::cli {

void addBackup(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand(
        "backup", "Copy the history into a new file, whole, also while the daemon runs");
    auto file = std::make_shared<std::string>();
    command->add_option("FILE", *file, "The new file; it must not be there yet")->required();
    command->footer("Exit codes: 0 the copy is there and was checked, 2 it could not be made.");
    command->callback([&options, &run, file] {
        run = [&options, file] {
            const auto settings = config::load(options.configFile());
            history::backup(settings.data / "history.db", *file);
            std::cout << "The history is copied to " << *file << '\n';
            return kDone;
        };
    });
}

}  // namespace iac::cli

#include <memory>
#include <string>

#include "cli/commands.hpp"

namespace iac::cli {

void addNotify(CLI::App& app, const Options& options, const Programs& programs, Run& run) {
    auto* command = app.add_subcommand("notify", "Try out who is told about deployments");
    command->require_subcommand(1);

    auto name = std::make_shared<std::string>();
    auto* test = command->add_subcommand(
        "test", "Send a sample of every state of a deployment, and show the answers");
    test->add_option("NAME", *name, "A notifier, as the configuration names it")->required();
    test->callback([&options, &programs, &run, name] {
        run = [&options, &programs, name] {
            return programs.test_notifier(options.configFile(), *name);
        };
    });
}

}  // namespace iac::cli

#include "cli/completion.hpp"

#include <iostream>
#include <memory>

#include "cli/commands.hpp"

namespace iac::cli {

void addCompletion(CLI::App& app, const Options&, Run& run) {
    auto* command = app.add_subcommand("completion", "Print the completion of a shell");
    auto shell = std::make_shared<std::string>();
    command->add_option("SHELL", *shell, "bash or zsh: source <(iac-runner completion bash)")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh"}));
    command->callback([&app, &run, shell] {
        run = [&app, shell] {
            const Command root = describe(app);
            std::cout << (*shell == "bash" ? bashCompletion(root) : zshCompletion(root));
            return kDone;
        };
    });
}

}  // namespace iac::cli

#include "unit/cli/command.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/commands.hpp"

namespace iac::cli {

Ended run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "iac-runner");
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    std::ostringstream out, err;
    auto* const real_out = std::cout.rdbuf(out.rdbuf());
    auto* const real_err = std::cerr.rdbuf(err.rdbuf());
    Ended ended;
    Programs programs;
    programs.serve = [](const std::filesystem::path& configuration) {
        std::cout << "serve " << configuration.string();
        return 7;
    };
    ended.code = main(static_cast<int>(argv.size()), argv.data(), programs);
    std::cout.rdbuf(real_out);
    std::cerr.rdbuf(real_err);
    ended.out = out.str();
    ended.err = err.str();
    return ended;
}

std::string configuration(const http::World& world, std::uint16_t port, const std::string& secret) {
    const auto file = world.folder() / "iac-runner.yaml";
    std::ofstream(file) << "server: { listen: \"127.0.0.1:" << port << "\", secret: \"" << secret
                        << "\" }\n"
                        << "repository: { url: /nowhere }\n"
                        << "environments: { staging: {} }\n"
                        << "triggers:\n  manual:\n    plugin: iac.manual\n"
                        << "    environment: staging\n    with: { secret: \""
                        << http::kTriggerSecret << "\" }\n";
    return file.string();
}

Ended Desk::operator()(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", file_});
    return run(std::move(arguments));
}

void playEngine(http::World& world, StepState outcome) {
    history::DeploymentQuery waiting;
    waiting.environment = "staging";
    waiting.state = DeploymentState::queued;
    std::vector<Deployment> queued;
    for (auto seen = world.history().changes().count(); queued.empty();) {
        queued = world.history().deployments(waiting);
        if (queued.empty()) seen = world.history().changes().wait(seen);
    }
    const auto id = queued.front().id;
    const auto steps = world.begin(id, {"platform/postgres"});
    world.endStep(steps.at(0), outcome, "printed by the step\n");
    world.end(id,
              outcome == StepState::failed ? DeploymentState::failed : DeploymentState::success);
}

}  // namespace iac::cli

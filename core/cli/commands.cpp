#include "cli/commands.hpp"

#include <iostream>
#include <system_error>

#include "cli/client.hpp"
#include "config/settings.hpp"

namespace iac::cli {
namespace {

using Add = void (*)(CLI::App&, const Options&, Run&);

/// The commands that ask the daemon, in the order in which `--help` shows them.
constexpr Add kCommands[] = {addDeploy, addSync, addHistory, addShow, addLog};

int runAndExplain(const Run& run) {
    try {
        return run();
    } catch (const Unreachable& error) {
        std::cerr << "iac-runner: " << error.what() << '\n';
        return kUnreachable;
    } catch (const Refused& error) {
        std::cerr << "iac-runner: " << error.what() << '\n';
        return kUsage;
    } catch (const config::Invalid& error) {
        std::cerr << error.what() << '\n';
        return kUsage;
    } catch (const std::exception& error) {
        std::cerr << "iac-runner: " << error.what() << '\n';
        return kUsage;
    }
}

}  // namespace

std::filesystem::path Options::configFile() const {
    if (!config.empty()) return config;
    const std::filesystem::path here = "iac-runner.yaml",
                                system = "/etc/iac-runner/iac-runner.yaml";
    std::error_code unknown;
    return !std::filesystem::exists(here, unknown) && std::filesystem::exists(system, unknown)
               ? system
               : here;
}

int main(int argc, char** argv, const Programs& programs) {
    CLI::App app(
        "A self-hosted deployment runner: a push deploys what it touched, and nothing else",
        "iac-runner");
    Options options;
    Run run;
    app.require_subcommand(1);
    app.fallthrough();  // --config may also come after the command
    app.set_version_flag("--version", IAC_VERSION);
    app.add_option("--config", options.config,
                   "The configuration file (default: ./iac-runner.yaml, then "
                   "/etc/iac-runner/iac-runner.yaml)");
    auto* daemon = app.add_subcommand("serve", "Run the daemon");
    daemon->callback([&] { run = [&] { return programs.serve(options.configFile()); }; });
    for (const Add add : kCommands) add(app, options, run);
    addPlugins(app, options, run);
    addConfig(app, options, programs, run);
    addNotify(app, options, programs, run);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kDone : kUsage;
    }
    return runAndExplain(run);
}

}  // namespace iac::cli

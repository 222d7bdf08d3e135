#include "cli/commands.hpp"

#include <iostream>
#include <system_error>

#include "cli/client.hpp"
#include "cli/manual.hpp"
#include "config/settings.hpp"

namespace iac::cli {
namespace {

using Add = void (*)(CLI::App&, const Options&, Run&);

/// The commands of daily use, in the order in which `--help` shows them.
constexpr Add kCommands[] = {addDeploy,   addSync,   addPlan,     addHistory, addShow,  addLog,
                             addCancel,   addRetry,  addRollback, addHold,    addHolds, addRelease,
                             addServices, addEvents, addToken,    addBackup};

/// What their help says at its end; a command that has other codes says so itself.
constexpr const char* kExitCodes =
    "Exit codes: 0 done, 2 wrong usage, or the daemon refuses it, 3 the daemon cannot be reached.";

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
    app.set_version_flag("--version", IAC_VERSION, "Show the version");
    app.add_option("--config", options.config,
                   "The configuration file (default: ./iac-runner.yaml, then "
                   "/etc/iac-runner/iac-runner.yaml)")
        ->type_name("FILE");
    auto* daemon = app.add_subcommand("serve", "Run the daemon");
    daemon->footer(
        "SIGHUP makes it take over its configuration file anew, as a whole; its log says so, or\n"
        "why not. SIGTERM and SIGINT stop it: what runs gets engine.stop_grace, what waits stays\n"
        "queued; a second one stops it at once.");
    daemon->callback([&] { run = [&] { return programs.serve(options.configFile()); }; });
    app.footer(kExitCodes);  // each command takes it over when it is added
    for (const Add add : kCommands) add(app, options, run);
    app.footer("");
    addPlugins(app, options, run);
    addConfig(app, options, programs, run);
    addNotify(app, options, programs, run);
    addCompletion(app, options, run);
    addMan(app, options, run);
    app.footer(environmentHelp());
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kDone : kUsage;
    }
    return runAndExplain(run);
}

}  // namespace iac::cli

#pragma once

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <string>

namespace iac::cli {

/// The exit codes of every command.
enum Exit : int {
    kDone = 0,
    kFailed = 1,       ///< the deployment failed
    kUsage = 2,        ///< wrong arguments, a bad configuration, or a request that is refused
    kUnreachable = 3,  ///< the daemon does not answer, or cannot now
};

/// What is the same for every command.
struct Options {
    std::string config;  ///< --config; empty: where it usually lies

    /// The configuration file: --config, ./iac-runner.yaml, /etc/iac-runner/iac-runner.yaml. The
    /// first of them when none is there: reading it says so.
    std::filesystem::path configFile() const;
};

/// What the chosen command does; its exit code.
using Run = std::function<int()>;
/// What is made where all rooms meet, above this one; each answers with the exit code.
struct Programs {
    std::function<int(const std::filesystem::path& configuration)> serve;  ///< the daemon
    std::function<int(const std::filesystem::path& configuration)> check;  ///< all but the daemon
    /// Sends samples to a notifier.
    std::function<int(const std::filesystem::path& configuration, const std::string& name)>
        test_notifier;
};

// One file for each command. Each adds itself to the app; when it is chosen, it sets `run`.
void addDeploy(CLI::App& app, const Options& options, Run& run);
void addSync(CLI::App& app, const Options& options, Run& run);
void addHistory(CLI::App& app, const Options& options, Run& run);
void addShow(CLI::App& app, const Options& options, Run& run);
void addLog(CLI::App& app, const Options& options, Run& run);
void addCancel(CLI::App& app, const Options& options, Run& run);
void addRetry(CLI::App& app, const Options& options, Run& run);
void addRollback(CLI::App& app, const Options& options, Run& run);
void addHold(CLI::App& app, const Options& options, Run& run);
void addHolds(CLI::App& app, const Options& options, Run& run);
void addRelease(CLI::App& app, const Options& options, Run& run);
void addPlan(CLI::App& app, const Options& options, Run& run);
void addServices(CLI::App& app, const Options& options, Run& run);
void addEvents(CLI::App& app, const Options& options, Run& run);
void addToken(CLI::App& app, const Options& options, Run& run);
void addBackup(CLI::App& app, const Options& options, Run& run);
void addCompletion(CLI::App& app, const Options& options, Run& run);
void addMan(CLI::App& app, const Options& options, Run& run);
void addPlugins(CLI::App& app, const Options& options, Run& run);
void addConfig(CLI::App& app, const Options& options, const Programs& programs, Run& run);
void addNotify(CLI::App& app, const Options& options, const Programs& programs, Run& run);

/// The command line: understands it, runs the command. The exit code.
int main(int argc, char** argv, const Programs& programs);

}  // namespace iac::cli

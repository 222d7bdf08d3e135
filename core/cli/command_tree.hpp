#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace iac::cli {

/// An option or a positional argument, as the help shows it.
struct Argument {
    std::vector<std::string> names;    ///< "-f", "--follow"; empty: a positional
    std::string value;                 ///< "ENV", "FILE"; empty: a flag
    std::vector<std::string> choices;  ///< the only values there are; empty: any
    std::string description;
    bool required = false;
    bool repeats = false;  ///< may come again, or takes several values

    bool isFlag() const { return value.empty(); }
    bool isFile() const { return value == "FILE"; }
    bool isFolder() const { return value == "FOLDER" || value == "DIRECTORY"; }
    /// An option of the program that may stand behind every command.
    bool isEverywhere() const { return !names.empty() && names.back() == "--config"; }
};

/// A command with what is below it: the command line as a value, from which completion and the
/// manual page are made, so that they cannot say anything else than `--help`.
struct Command {
    std::string name;  ///< "create"; of the root "iac-runner"
    std::string description, footer;
    std::vector<Argument> options, positionals;
    std::vector<Command> commands;
};

/// What the help of `app` shows; hidden commands are left out.
Command describe(const CLI::App& app);

/// "a, b, c"
std::string joined(const std::vector<std::string>& words, const std::string& between);

/// How it is called: "iac-runner log [OPTIONS] ID".
std::string usageOf(const Command& command, const std::string& path);

}  // namespace iac::cli

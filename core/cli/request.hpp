#pragma once

#include <Poco/JSON/Object.h>

#include <string>

#include "cli/commands.hpp"

namespace iac::cli {

/// How `deploy` and `sync` go on after they asked.
struct Patience {
    bool wait = false;
    bool json = false;
};

/// Adds --wait and --json.
void addPatience(CLI::App& command, Patience& patience);

/// Who asks, for the history: the user's name.
std::string userName();

/// Asks a trigger for a deployment, says what became of it, and waits for its end when that is
/// wanted, with the log as it comes. The exit code.
int request(const Options& options, const std::string& target, Poco::JSON::Object::Ptr body,
            const Patience& patience);

}  // namespace iac::cli

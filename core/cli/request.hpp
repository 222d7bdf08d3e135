#pragma once

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <string>
#include <vector>

#include "cli/client.hpp"
#include "cli/commands.hpp"

namespace iac::cli {

/// How a command goes on after it asked for a deployment.
struct Patience {
    bool wait = false;
    bool json = false;
};

/// Adds --wait and --json, and says what the exit codes mean then.
void addPatience(CLI::App& command, Patience& patience);

/// Who asks, for the history: the user's name.
std::string userName();

/// A list of texts for a body.
Poco::JSON::Array::Ptr listOf(const std::vector<std::string>& texts);

/// Says what became of a request for a deployment: its result and, with --json, the answer go to
/// stdout, everything on the way there to stderr. Waits for the end when that is wanted. The exit
/// code.
int finish(Client& client, const Poco::JSON::Object::Ptr& answer, const Patience& patience);

/// Asks a trigger for a deployment in the name of the user, without waiting for it; its answer.
Poco::JSON::Object::Ptr ask(Client& client, const std::string& target,
                            Poco::JSON::Object::Ptr body);

/// Asks a trigger for a deployment, and finishes; a dry run is always waited for.
int request(const Options& options, const std::string& target, Poco::JSON::Object::Ptr body,
            Patience patience);

}  // namespace iac::cli

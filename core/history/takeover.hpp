#pragma once

#include <string>
#include <vector>

#include "history/writer.hpp"
#include "model/plan.hpp"

namespace iac::history {

/// What a change that waits asks for.
struct Wanted {
    std::string revision, before;
    std::vector<std::string> taken_over;
    std::vector<std::string> paths;
    bool paths_complete = false;
    Plan plan;
};

/// What is asked for when `newer` takes over `older`: the services and paths of both, counted from
/// where the older one began. Paths beyond the limit are dropped, and with them the claim to be
/// complete; of more revisions than the limit allows the latest are kept.
Wanted takeOver(Wanted older, Wanted newer, const Limits& limits);

/// A deployment that waits, and what it asks for.
struct Waiting {
    DeploymentId id = 0;
    Wanted wanted;
};

/// The changes that wait in an environment, oldest first. [writer-thread]
std::vector<Waiting> waitingChanges(Transaction& transaction, std::string_view environment,
                                    bool dry_run);
/// Ends a deployment that another one stands for from now on. [writer-thread]
void supersede(Transaction& transaction, DeploymentId older, DeploymentId newer,
               std::string_view environment);

}  // namespace iac::history

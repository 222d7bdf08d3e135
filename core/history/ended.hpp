#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "model/deployment.hpp"

namespace iac::history {

class Connection;

/// A step that began and ended, as it is counted.
struct EndedStep {
    StepId id = 0;
    DeploymentId deployment = 0;
    std::string executor;
    StepState state = StepState::failed;
    Time started_at{}, finished_at{};
};

/// The same of a deployment.
struct EndedDeployment {
    DeploymentId id = 0;
    std::string environment;
    DeploymentState state = DeploymentState::failed;
    Time started_at{}, finished_at{};
};

/// What began and ended of a range of deployments, of which some may still wait or run.
struct EndedPage {
    std::vector<EndedDeployment> deployments;
    std::vector<EndedStep> steps;
    DeploymentId first_open = 0;  ///< of all: those below it have ended, and stay as they are
    DeploymentId next = 0;        ///< where the next page begins; 0: this was the last
};

/// The page of at most `count` deployments that begins at the id `from`.
EndedPage readEnded(Connection& sql, DeploymentId from, std::size_t count);

}  // namespace iac::history

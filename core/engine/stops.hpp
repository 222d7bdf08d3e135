#pragma once

#include "base/cancellation.hpp"

namespace iac::engine {

/// What may end a deployment before its time. Whoever stops the runner stops the deployment too;
/// who cancels the deployment leaves the runner alone, so that what happened can still be written.
struct Stops {
    const Cancellation& deployment;
    const Cancellation& runner;
};

}  // namespace iac::engine

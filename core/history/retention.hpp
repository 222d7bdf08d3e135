#pragma once

#include <vector>

#include "history/history.hpp"
#include "history/writer.hpp"

namespace iac::history {

/// See History::prune. [writer-thread]
std::vector<DeploymentId> prune(Transaction& transaction, const Retention& retention);

}  // namespace iac::history

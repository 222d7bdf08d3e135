#pragma once

#include "history/history.hpp"
#include "history/writer.hpp"

namespace iac::history {

/// See History::prune. [writer-thread]
Pruned prune(Transaction& transaction, const Retention& retention);

}  // namespace iac::history

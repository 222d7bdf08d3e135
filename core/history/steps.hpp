#pragma once

#include "history/history.hpp"
#include "history/writer.hpp"

namespace iac::history {

/// The moves of a step: see the functions of History with the same names. [writer-thread]
int startAttempt(Transaction& transaction, StepId step, const UsedPlugin& plugin);
void finishAttempt(Transaction& transaction, StepId step, int attempt, const AttemptEnd& end);
void finishStep(Transaction& transaction, StepId step, const StepEnd& end);

}  // namespace iac::history

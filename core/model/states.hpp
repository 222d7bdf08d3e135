#pragma once

#include <optional>
#include <string_view>

namespace iac {

/// The states of a deployment. `queued -> running -> success | failed | cancelled`, `queued ->
/// superseded`, and the rarer moves of the table in states.cpp.
enum class DeploymentState { queued, running, success, failed, cancelled, superseded };

/// The states of a step; the last five are its outcomes.
enum class StepState { pending, running, changed, unchanged, failed, skipped, cancelled };

/// Whether the table of moves in states.cpp has that move. Every other move is impossible.
bool mayMove(DeploymentState from, DeploymentState to);
bool mayMove(StepState from, StepState to);

/// Final: no move leads out of it.
bool isFinal(DeploymentState state);
bool isFinal(StepState state);
/// The service is as it should be now: changed or unchanged.
bool endedWell(StepState state);

/// The spelling of the API and the database: "queued", "unchanged", ...
std::string_view toText(DeploymentState state);
std::string_view toText(StepState state);
std::optional<DeploymentState> deploymentState(std::string_view text);
std::optional<StepState> stepState(std::string_view text);

}  // namespace iac

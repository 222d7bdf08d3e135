#include "model/states.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace iac {
namespace {

using enum DeploymentState;

constexpr std::array kDeploymentMoves = std::to_array<std::pair<DeploymentState, DeploymentState>>({
    {queued, running},
    {queued, failed},  // its environment is no longer in the configuration
    {queued, cancelled},
    {queued, superseded},
    {running, success},
    {running, failed},
    {running, cancelled},
    {running, queued},      // handed back: the runner stopped, or died, before the deployment ended
    {running, superseded},  // handed back while a newer change waits, which takes it over
});

constexpr std::array kStepMoves = std::to_array<std::pair<StepState, StepState>>({
    {StepState::pending, StepState::running},
    {StepState::pending, StepState::skipped},
    {StepState::pending, StepState::cancelled},
    {StepState::running, StepState::changed},
    {StepState::running, StepState::unchanged},
    {StepState::running, StepState::failed},
    {StepState::running, StepState::cancelled},
    {StepState::running, StepState::pending},  // handed back
});

constexpr std::array kDeploymentNames =
    std::to_array<std::pair<DeploymentState, std::string_view>>({
        {queued, "queued"},
        {running, "running"},
        {success, "success"},
        {DeploymentState::failed, "failed"},
        {DeploymentState::cancelled, "cancelled"},
        {superseded, "superseded"},
    });

constexpr std::array kStepNames = std::to_array<std::pair<StepState, std::string_view>>({
    {StepState::pending, "pending"},
    {StepState::running, "running"},
    {StepState::changed, "changed"},
    {StepState::unchanged, "unchanged"},
    {StepState::failed, "failed"},
    {StepState::skipped, "skipped"},
    {StepState::cancelled, "cancelled"},
});

template <class Table, class State>
bool leadsOut(const Table& moves, State state) {
    return std::ranges::any_of(moves, [state](const auto& move) { return move.first == state; });
}

template <class Table, class State>
std::string_view nameIn(const Table& names, State state) {
    return std::ranges::find(names, state, &Table::value_type::first)->second;
}

template <class State, class Table>
std::optional<State> stateIn(const Table& names, std::string_view text) {
    const auto found = std::ranges::find(names, text, &Table::value_type::second);
    if (found == names.end()) return std::nullopt;
    return found->first;
}

}  // namespace

bool mayMove(DeploymentState from, DeploymentState to) {
    return std::ranges::find(kDeploymentMoves, std::pair{from, to}) != kDeploymentMoves.end();
}
bool mayMove(StepState from, StepState to) {
    return std::ranges::find(kStepMoves, std::pair{from, to}) != kStepMoves.end();
}
bool isFinal(DeploymentState state) {
    return !leadsOut(kDeploymentMoves, state);
}
bool isFinal(StepState state) {
    return !leadsOut(kStepMoves, state);
}
bool endedWell(StepState state) {
    return state == StepState::changed || state == StepState::unchanged;
}
std::string_view toText(DeploymentState state) {
    return nameIn(kDeploymentNames, state);
}
std::string_view toText(StepState state) {
    return nameIn(kStepNames, state);
}
std::optional<DeploymentState> deploymentState(std::string_view text) {
    return stateIn<DeploymentState>(kDeploymentNames, text);
}
std::optional<StepState> stepState(std::string_view text) {
    return stateIn<StepState>(kStepNames, text);
}

}  // namespace iac

#include "model/states.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace iac;

namespace {

// The whole table as text: every allowed move, one a line.
template <class State>
std::string movesOf(const std::vector<State>& states) {
    std::string text;
    for (const State from : states) {
        text += std::string(toText(from)) + (isFinal(from) ? " is final" : " ->");
        for (const State to : states)
            if (mayMove(from, to)) text += " " + std::string(toText(to));
        text += "\n";
    }
    return text;
}

const std::vector<DeploymentState> kDeploymentStates{
    DeploymentState::queued, DeploymentState::running,   DeploymentState::success,
    DeploymentState::failed, DeploymentState::cancelled, DeploymentState::superseded};
const std::vector<StepState> kStepStates{
    StepState::pending, StepState::running, StepState::changed,  StepState::unchanged,
    StepState::failed,  StepState::skipped, StepState::cancelled};

}  // namespace

TEST_CASE("a deployment moves as the table says, and no other way", "[states]") {
    CHECK(movesOf(kDeploymentStates) ==
          "queued -> running failed cancelled superseded\n"
          "running -> queued success failed cancelled superseded\n"
          "success is final\n"
          "failed is final\n"
          "cancelled is final\n"
          "superseded is final\n");
}

TEST_CASE("a step moves as the table says, and no other way", "[states]") {
    CHECK(movesOf(kStepStates) ==
          "pending -> running skipped cancelled\n"
          "running -> pending changed unchanged failed cancelled\n"
          "changed is final\n"
          "unchanged is final\n"
          "failed is final\n"
          "skipped is final\n"
          "cancelled is final\n");
}

TEST_CASE("the text of a state leads back to it", "[states]") {
    for (const auto state : kDeploymentStates) CHECK(deploymentState(toText(state)) == state);
    for (const auto state : kStepStates) CHECK(stepState(toText(state)) == state);
    CHECK_FALSE(deploymentState("pending"));
    CHECK_FALSE(deploymentState("Queued"));
    CHECK_FALSE(deploymentState(""));
    CHECK_FALSE(stepState("queued"));
    CHECK_FALSE(stepState(""));
}

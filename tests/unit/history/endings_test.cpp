#include <catch2/catch.hpp>

#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;
using Names = std::vector<std::string>;

namespace {

// "service outcome deployment", one for each target of the environment.
Names outcomes(History& history) {
    Names all;
    for (const Target& target : history.targets("staging"))
        all.push_back(target.service + " " + target.last_outcome + " " +
                      std::to_string(target.last_deployment));
    return all;
}

const Diagnosis kInterrupted{"interrupted", "cut off", "look"};

}  // namespace

TEST_CASE("what a change asked for and did not get is remembered with its targets", "[endings]") {
    Place history;
    SECTION("when it failed before it had steps") {
        history->admit(push("d1"), planOf({"a", "b"}));
        history->takeNext("staging");
        history->finish(1, {DeploymentState::failed, {}});
        CHECK(outcomes(*history) == Names{"a failed 1", "b failed 1"});
    }
    SECTION("when it was cancelled while it waited") {
        history->admit(push("d1"), planOf({"a"}));
        history->finish(1, {DeploymentState::cancelled, {}});
        CHECK(outcomes(*history) == Names{"a cancelled 1"});
    }
    SECTION("when it ended between its steps; those that ended keep their own outcome") {
        const auto [id, steps] = runningDeployment(*history, push("d1"), {"a", "b", "c"});
        history->startAttempt(steps[0].id);
        history->finishStep(steps[0].id, {StepState::changed, "", {}, ""});
        history->startAttempt(steps[1].id);
        history->finish(id, {DeploymentState::failed, {}});
        CHECK(outcomes(*history) == Names{"a changed 1", "b failed 1", "c failed 1"});
        CHECK(history->targets("staging").at(0).last_good_revision == "sha-refs/heads/main");
    }
    SECTION("and the last good revision stays") {
        const auto [id, steps] = runningDeployment(*history, request("v1"), {"a"});
        history->startAttempt(steps[0].id);
        history->finishStep(steps[0].id, {StepState::changed, "", {}, ""});
        history->finish(id, {DeploymentState::success, {}});
        history->admit(push("d1"), planOf({"a"}));
        history->finish(2, {DeploymentState::failed, {}});
        CHECK(outcomes(*history) == Names{"a failed 2"});
        CHECK(history->targets("staging").at(0).last_good_revision == "sha-v1");
    }
    SECTION("but not of a dry run, of a request, or of a success") {
        Event dry = push("d1");
        dry.dry_run = true;
        for (const Event& event : {dry, request("v1")})
            history->finish(history->admit(event, planOf({"a"})).deployment,
                            {DeploymentState::cancelled, {}});
        history->admit(push("d2"), planOf({"a"}));
        history->takeNext("staging");
        history->finish(3, {DeploymentState::success, {}});
        CHECK(outcomes(*history).empty());
    }
}

TEST_CASE("everything that waits in an environment can be ended as failed", "[endings]") {
    Place history;
    CHECK(history->environmentsWithQueued().empty());
    const auto [running, steps] = runningDeployment(*history, request("v0"), {"a"});
    for (int i = 0; i < 300; ++i)
        history->admit(request("v" + std::to_string(i + 1)), planOf({"a"}));
    history->admit(push("d1"), planOf({"a"}));
    Event other = request("v1");
    other.environment = "production";
    const auto kept = history->admit(other, planOf({"a"})).deployment;
    CHECK(history->environmentsWithQueued() == Names{"production", "staging"});

    const Diagnosis gone{"unknown_environment", "gone", "name another"};
    history->failQueued("staging", gone);

    CHECK(history->environmentsWithQueued() == Names{"production"});
    CHECK_FALSE(history->takeNext("staging"));
    DeploymentQuery failed;
    failed.state = DeploymentState::failed;
    failed.limit = 500;
    const auto ended = history->deployments(failed);
    CHECK(ended.size() == 301);
    for (const auto& one : ended) CHECK(one.diagnosis == gone);
    CHECK(history->running() == std::vector<DeploymentId>{running});
    CHECK(history->takeNext("production").value().id == kept);
}

TEST_CASE("an attempt says how it was interrupted", "[endings]") {
    Place history;
    const auto [id, steps] = runningDeployment(*history, push("d1"), {"a"});
    history->startAttempt(steps[0].id);
    const auto attempt = [&, id = id] {
        return history->deployment(id).value().steps.at(0).attempts.at(0);
    };
    CHECK_FALSE(attempt().crashed);

    SECTION("by the end of the runner") {
        history->handBack(id, true);
        CHECK(attempt().state == StepState::pending);
        CHECK(attempt().crashed);
        CHECK(attempt().message == "interrupted by the end of the runner");
    }
    SECTION("by a stop of the runner") {
        history->handBack(id, false);
        CHECK(attempt().state == StepState::pending);
        CHECK_FALSE(attempt().crashed);
        CHECK(attempt().message == "handed back when the runner stopped");
    }
    SECTION("when its deployment is reported as failed instead of running again") {
        history->finishStep(steps[0].id, {StepState::failed, "cut off", kInterrupted, ""});
        history->finish(id, {DeploymentState::failed, kInterrupted});
        CHECK(attempt().state == StepState::pending);
        CHECK(attempt().finished_at);
        CHECK(attempt().message == "interrupted");
        CHECK(outcomes(*history) == Names{"a failed 1"});
    }
    SECTION("and one whose step failed for another reason was not") {
        history->finishStep(steps[0].id, {StepState::failed, "no", {"timeout", "no", "no"}, ""});
        history->finish(id, {DeploymentState::failed, {}});
        CHECK(attempt().state == StepState::cancelled);
    }
}

#include <catch2/catch.hpp>

#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;

TEST_CASE("a waiting deployment is cancelled at once", "[cancelling]") {
    Place history;
    history->admit(push("d1"), planOf({"a"}));
    CHECK(history->cancel(1, "ada") == DeploymentState::cancelled);
    CHECK_FALSE(history->takeNext("staging"));
    const auto ended = history->deployment(1).value();
    CHECK(ended.state == DeploymentState::cancelled);
    CHECK(ended.diagnosis.summary == "cancelled by ada");
    // The next push deploys what it did not.
    CHECK(history->targets("staging").at(0).last_outcome == "cancelled");
}

TEST_CASE("a running deployment that is asked to be cancelled ends so when it is handed back",
          "[cancelling]") {
    Place history;
    const auto [id, steps] = runningDeployment(*history, push("d1"), {"a", "b"});
    history->startAttempt(steps[0].id);
    const auto rung = history->cancellations().count();
    CHECK(history->cancel(id, "ada") == DeploymentState::running);
    history.awaitBells();
    CHECK(history->cancellations().count() == rung + 1);
    CHECK(history->cancelRequested() == std::vector<DeploymentId>{id});
    // Who asks again changes nothing.
    CHECK(history->cancel(id, "bob") == DeploymentState::running);
    SECTION("by its lane") {
        history->handBack(id, false);
    }
    SECTION("after a crash") {
        history.reopen();
        history->handBack(id, true);
    }
    const auto ended = history->deployment(id).value();
    CHECK(ended.state == DeploymentState::cancelled);
    CHECK(ended.cancel_requested_by == "ada");
    CHECK(ended.steps[0].state == StepState::cancelled);
    CHECK(ended.steps[0].summary == "cancelled by ada");
    CHECK(ended.steps[0].attempts[0].state == StepState::cancelled);
    CHECK(ended.steps[1].state == StepState::cancelled);
    CHECK(history->cancelRequested().empty());
}

TEST_CASE("a cancelled step keeps what its plugin said when it was stopped", "[cancelling]") {
    Place history;
    const auto [id, steps] = runningDeployment(*history, push("d1"), {"a", "b", "c"});
    history->startAttempt(steps[0].id);
    history->cancel(id, "ada");
    history->finishAttempt(steps[0].id, 1, {StepState::pending, {}, "the build goes on there"});
    history->handBack(id, false);
    const auto ended = history->deployment(id).value();
    CHECK(ended.steps[0].summary == "cancelled by ada; the build goes on there");
    CHECK(ended.steps[1].summary == "cancelled by ada");
}

TEST_CASE("a deployment that has ended, or is not there, cannot be cancelled", "[cancelling]") {
    Place history;
    const auto [id, steps] = runningDeployment(*history, push("d1"), {});
    history->cancel(id, "ada");
    // It came too late: the deployment ended by itself.
    history->finish(id, {DeploymentState::success, {}});
    CHECK(history->deployment(id)->state == DeploymentState::success);
    CHECK_THROWS_AS(history->cancel(id, "ada"), WrongState);
    CHECK_THROWS_AS(history->cancel(77, "ada"), WrongState);
    CHECK(history->cancelRequested().empty());
}

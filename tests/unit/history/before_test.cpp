// What came before: where a rollback goes, and whether a failure is news.
#include <catch2/catch.hpp>

#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;

namespace {

/// Deploys `service` at `ref` (its revision is "sha-REF"), and ends it as said.
DeploymentId deploy(History& history, Event event, const std::string& service, StepState end,
                    const std::string& errorKind = {}) {
    event.services = {service};
    const auto [id, steps] = runningDeployment(history, event, {service});
    history.startAttempt(steps[0].id);
    history.finishAttempt(steps[0].id, 1, {end, 0, ""});
    history.finishStep(steps[0].id, {end, "", {errorKind, "", ""}, ""});
    const bool failed = end == StepState::failed;
    history.finish(
        id, {failed ? DeploymentState::failed : DeploymentState::success, {errorKind, "", ""}});
    return id;
}

Target targetOf(History& history, const std::string& service) {
    for (const auto& target : history.targets("staging"))
        if (target.service == service) return target;
    throw std::runtime_error("no such target");
}

}  // namespace

TEST_CASE("the good revision before the present one is found", "[before]") {
    Place history;
    deploy(*history, request("v1"), "a", StepState::changed);
    CHECK_FALSE(history->goodBefore(targetOf(*history, "a")));
    deploy(*history, request("v2"), "a", StepState::failed, "x");
    deploy(*history, request("v3"), "a", StepState::unchanged);
    auto dry = request("v4");
    dry.dry_run = true;
    deploy(*history, dry, "a", StepState::changed);
    const auto before = history->goodBefore(targetOf(*history, "a"));
    REQUIRE(before);
    CHECK(before->last_good_revision == "sha-v1");
    CHECK(before->last_good_deployment == 1);

    // Back at v1: what was rolled back is not gone to again, nor is v1 itself.
    auto back = request("v1");
    back.rollback_of = 3;
    deploy(*history, back, "a", StepState::changed);
    CHECK_FALSE(history->goodBefore(targetOf(*history, "a")));
}

TEST_CASE("one rollback after the other goes further back each time", "[before]") {
    Place history;
    for (const char* ref : {"v1", "v2", "v3"})
        deploy(*history, request(ref), "a", StepState::changed);
    std::string went;
    for (int i = 0; i < 3; ++i) {
        const auto before = history->goodBefore(targetOf(*history, "a"));
        if (!before) break;
        const auto ref = before->last_good_revision.substr(4);
        went += ref + " ";
        auto back = request(ref);
        back.rollback_of = targetOf(*history, "a").last_good_deployment;
        deploy(*history, back, "a", StepState::changed);
    }
    CHECK(went == "v2 v1 ");
}

TEST_CASE("a service has succeeded at a revision where a step of it did, and no dry run",
          "[before]") {
    Place history;
    deploy(*history, request("v1"), "a", StepState::changed);
    deploy(*history, request("v2"), "a", StepState::failed, "x");
    auto dry = request("v3");
    dry.dry_run = true;
    deploy(*history, dry, "a", StepState::changed);
    CHECK(history->succeededAt("staging", "a", "sha-v1"));
    CHECK_FALSE(history->succeededAt("staging", "b", "sha-v1"));
    CHECK_FALSE(history->succeededAt("staging", "a", "sha-v2"));
    CHECK_FALSE(history->succeededAt("staging", "a", "sha-v3"));
    CHECK_FALSE(history->succeededAt("production", "a", "sha-v1"));
    // With nothing of it deployed, because it was held, it has not shown that it works.
    history->admit(push("d1"), planOf({"a"}));
    const auto id = history->takeNext("staging").value().id;
    history->setPlan(id, "sha-v4", Plan{{}, {{"a", "held", true}}}, {});
    history->finish(id, {DeploymentState::success, {}});
    CHECK_FALSE(history->succeededAt("staging", "a", "sha-v4"));
}

TEST_CASE("the steps before a deployment are the last ones of its services that ended",
          "[before]") {
    Place history;
    deploy(*history, request("v1"), "a", StepState::failed, "x");
    deploy(*history, request("v2"), "b", StepState::changed);
    deploy(*history, request("v3"), "a", StepState::failed, "y");
    const auto id = deploy(*history, request("v4"), "a", StepState::failed, "y");
    const auto before = history->stepsBefore(id);
    REQUIRE(before.size() == 1);
    CHECK(before[0].service == "a");
    CHECK(before[0].diagnosis.error_kind == "y");
    CHECK(history->stepsBefore(2).empty());
    CHECK(history->deploymentBefore(id)->id == 3);
    CHECK_FALSE(history->deploymentBefore(1));
    CHECK_FALSE(history->deploymentBefore(77));
}

TEST_CASE("deployments that wait and run are counted", "[before]") {
    Place history;
    deploy(*history, request("v1"), "a", StepState::changed);
    history->admit(push("d1"), planOf({"a"}));
    CHECK(history->countByState() == std::map<std::string, std::int64_t>{{"queued", 1}});
}

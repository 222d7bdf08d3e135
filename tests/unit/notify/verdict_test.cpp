// Every rule of notify/verdict.cpp, and what comes first where two apply.
#include "notify/verdict.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace iac;
using notify::Circumstances;
using Is = notify::Verdict::Is;
using State = DeploymentState;

namespace {

Step step(const std::string& service, StepState state, const std::string& error_kind = "") {
    Step one;
    one.service = service;
    one.state = state;
    one.diagnosis.error_kind = error_kind;
    return one;
}
Step changed(const std::string& service) {
    return step(service, StepState::changed);
}
Step failed(const std::string& service, const std::string& error_kind = "step_failed") {
    return step(service, StepState::failed, error_kind);
}

Deployment deployment(State state, const std::vector<Step>& steps) {
    Deployment one;
    one.id = 7;
    one.state = state;
    one.trigger = "github";
    one.triggered_by = "ada";
    one.steps = steps;
    return one;
}
Deployment failedAsAWhole(const std::string& error_kind, const std::string& service) {
    auto one = deployment(State::failed, {});
    one.plan.services = {{service, "a push"}};
    one.diagnosis.error_kind = error_kind;
    return one;
}

/// The end of a deployment, with nothing before it and no `when`.
Circumstances end(const Deployment& now) {
    Circumstances all;
    all.message.event = "deployment.finished";
    all.deployment = now;
    return all;
}
Circumstances success(const std::vector<Step>& steps) {
    return end(deployment(State::success, steps));
}
Circumstances failure(const std::vector<Step>& steps) {
    return end(deployment(State::failed, steps));
}
/// The one before had these steps.
Circumstances after(Circumstances all, const std::vector<Step>& steps_before) {
    all.steps_before = steps_before;
    const bool well = std::ranges::none_of(
        steps_before, [](const Step& one) { return one.state == StepState::failed; });
    all.before = deployment(well ? State::success : State::failed, steps_before);
    return all;
}
Circumstances after(Circumstances all, const Deployment& before) {
    all.before = before;
    return all;
}
Circumstances move(const std::string& event, State state) {
    auto all = end(deployment(state, {}));
    all.message.event = event;
    all.deployment.plan.services = {{"platform/postgres", "a push"}};
    return all;
}

Is verdict(const Circumstances& all) {
    const auto judged = notify::judge(all);
    UNSCOPED_INFO("because " << judged.because);
    return judged.is;
}

const std::string kPostgres = "platform/postgres", kRedis = "platform/redis";

}  // namespace

TEST_CASE("without a `when`, every move and every end that changed something is told",
          "[verdict]") {
    CHECK(verdict(move("deployment.queued", State::queued)) == Is::tell);
    CHECK(verdict(move("deployment.started", State::running)) == Is::tell);
    CHECK(verdict(move("deployment.step", State::running)) == Is::tell);
    CHECK(verdict(success({changed(kPostgres)})) == Is::tell);
    CHECK(verdict(failure({failed(kPostgres)})) == Is::tell);
    CHECK(verdict(end(deployment(State::cancelled, {}))) == Is::tell);
}

TEST_CASE("when.trigger and when.triggered_by let through what they name", "[verdict]") {
    auto all = failure({failed(kPostgres)});
    all.use.triggers = {"manual", "github"};
    all.use.triggered_by = {"ada"};
    CHECK(verdict(all) == Is::tell);
    all.use.triggers = {"manual"};
    CHECK(verdict(all) == Is::drop);
    all.use.triggers = {};
    all.use.triggered_by = {"grace"};
    CHECK(verdict(all) == Is::drop);
}

TEST_CASE("when.service looks at the steps, and before there are any at the plan or the request",
          "[verdict]") {
    auto all = success({changed("apps/web"), changed(kPostgres)});
    all.use.services = {"platform/*"};
    CHECK(verdict(all) == Is::tell);
    all.deployment.steps.pop_back();
    all.deployment.plan.services = {{kPostgres, "the first answer"}};
    CHECK(verdict(all) == Is::drop);

    auto queued = move("deployment.queued", State::queued);
    queued.use.services = {"platform/*"};
    CHECK(verdict(queued) == Is::tell);
    queued.use.services = {"apps/*"};
    CHECK(verdict(queued) == Is::drop);
    queued.deployment.plan.services.clear();
    queued.deployment.services = {"apps/web"};
    CHECK(verdict(queued) == Is::tell);
}

TEST_CASE("a failure before the services were known concerns everybody, another end nobody",
          "[verdict]") {
    auto all = failure({});
    all.use.services = {"platform/*"};
    CHECK(verdict(all) == Is::tell);
    all.deployment.state = State::cancelled;
    CHECK(verdict(all) == Is::drop);
}

TEST_CASE("a pattern of services is held against the full id, or the short name", "[verdict]") {
    CHECK(notify::isMeant("platform/*", kPostgres));
    CHECK(notify::isMeant("*", kPostgres));
    CHECK(notify::isMeant("postgres", kPostgres));
    CHECK(notify::isMeant("post*", kPostgres));
    CHECK(notify::isMeant("*/postgres", kPostgres));
    CHECK(notify::isMeant("web", "web"));
    CHECK_FALSE(notify::isMeant("platform", kPostgres));
    CHECK_FALSE(notify::isMeant("platform/post", kPostgres));
    CHECK_FALSE(notify::isMeant("apps/*", kPostgres));
}

TEST_CASE("when.status lets through the ends it names", "[verdict]") {
    auto all = success({changed(kPostgres)});
    all.use.states = {"failed", "cancelled"};
    CHECK(verdict(all) == Is::drop);
    all.deployment.state = State::failed;
    CHECK(verdict(all) == Is::tell);
    all.deployment.state = State::cancelled;
    CHECK(verdict(all) == Is::tell);
}

TEST_CASE("who hears only of some ends is not shown the way to all of them", "[verdict]") {
    for (const char* event : {"deployment.queued", "deployment.started", "deployment.step"}) {
        auto all = move(event, State::running);
        all.use.states = {"failed"};
        CHECK(verdict(all) == Is::drop);
        all.use.states = {"success", "cancelled"};
        CHECK(verdict(all) == Is::drop);
        all.use.states = {"success", "failed"};
        CHECK(verdict(all) == Is::tell);
    }
}

TEST_CASE("a success that changed nothing is quiet, unless that is asked for", "[verdict]") {
    auto all = success({step(kPostgres, StepState::unchanged), step(kRedis, StepState::unchanged)});
    CHECK(verdict(all) == Is::drop);
    all.use.unchanged = true;
    CHECK(verdict(all) == Is::tell);
    all.use.unchanged = false;
    all.deployment.steps.push_back(changed("platform/minio"));
    CHECK(verdict(all) == Is::tell);
    CHECK(verdict(success({})) == Is::drop);
}

TEST_CASE("what is superseded is told only where it is shown", "[verdict]") {
    auto all = end(deployment(State::superseded, {}));
    CHECK(verdict(all) == Is::drop);
    CHECK(verdict(move("deployment.queued", State::superseded)) == Is::drop);
    all.message.memory = "C1:17";
    CHECK(verdict(all) == Is::tell);
}

TEST_CASE("nothing is dropped of a deployment that is shown already", "[verdict]") {
    auto all = success({step(kPostgres, StepState::unchanged)});
    all.use.states = {"failed"};
    all.use.triggers = {"manual"};
    all.use.triggered_by = {"grace"};
    all.use.services = {"apps/*"};
    CHECK(verdict(all) == Is::drop);
    all.message.memory = "C1:17";
    CHECK(verdict(all) == Is::tell);
    auto repeated = after(failure({failed(kPostgres)}), {failed(kPostgres)});
    CHECK(verdict(repeated) == Is::drop);
    repeated.message.memory = "C1:17";
    CHECK(verdict(repeated) == Is::tell);
    auto recovered = after(success({changed(kPostgres)}), {failed(kPostgres)});
    recovered.message.memory = "C1:17";
    CHECK(verdict(recovered) == Is::tell_recovered);
}

TEST_CASE("a step is not told when a later message waits that says the same and more",
          "[verdict]") {
    for (const char* memory : {"", "C1:17"}) {
        auto all = move("deployment.step", State::running);
        all.message.memory = memory;
        CHECK(verdict(all) == Is::tell);
        all.later_waits = true;
        CHECK(verdict(all) == Is::drop);
        all.message.event = "deployment.queued";
        CHECK(verdict(all) == Is::tell);
    }
}

TEST_CASE("the same failure again is quiet, unless that is asked for", "[verdict]") {
    auto all =
        after(failure({failed(kPostgres, "vault_denied")}), {failed(kPostgres, "vault_denied")});
    CHECK(verdict(all) == Is::drop);
    all.use.repeats = true;
    CHECK(verdict(all) == Is::tell);
}

TEST_CASE("a failure that is not the same is told", "[verdict]") {
    const auto before = {failed(kPostgres, "vault_denied"), changed(kRedis)};
    SECTION("for another reason") {
        CHECK(verdict(after(failure({failed(kPostgres, "timeout")}), before)) == Is::tell);
    }
    SECTION("of another service too") {
        CHECK(verdict(after(
                  failure({failed(kPostgres, "vault_denied"), failed(kRedis, "vault_denied")}),
                  before)) == Is::tell);
    }
    SECTION("of a service that was never deployed") {
        CHECK(verdict(after(failure({failed("apps/web", "vault_denied")}), before)) == Is::tell);
    }
    SECTION("where another service is well again") {
        CHECK(verdict(after(failure({failed(kPostgres, "vault_denied"), changed(kRedis)}),
                            {failed(kPostgres, "vault_denied"), failed(kRedis)})) == Is::tell);
    }
    SECTION("of a dry run") {
        auto all = after(failure({failed(kPostgres, "vault_denied")}), before);
        all.deployment.dry_run = true;
        CHECK(verdict(all) == Is::tell);
    }
    SECTION("after nothing") {
        CHECK(verdict(failure({failed(kPostgres, "vault_denied")})) == Is::tell);
    }
}

TEST_CASE("a service that fails as before does so whatever was deployed in between", "[verdict]") {
    auto all = failure({failed(kPostgres)});
    all.steps_before = {failed(kPostgres)};
    all.before = deployment(State::success, {changed(kRedis)});
    CHECK(verdict(all) == Is::drop);
    all.use.services = {"platform/postgres"};
    CHECK(verdict(all) == Is::drop);
}

TEST_CASE("a failure is told again when the one before was not told to this notifier",
          "[verdict]") {
    auto all = after(failure({failed(kPostgres)}), {failed(kPostgres)});
    SECTION("because it could not be delivered") {
        all.heard_of_before = false;
    }
    SECTION("because of its trigger") {
        all.use.triggers = {"github"};
        all.before->trigger = "manual";
    }
    SECTION("because of who triggered it") {
        all.use.triggered_by = {"ada"};
        all.before->triggered_by = "grace";
    }
    SECTION("because of its services") {
        all.use.services = {"apps/*"};
        all.deployment.steps.push_back(step("apps/web", StepState::skipped));
    }
    CHECK(verdict(all) == Is::tell);
}

TEST_CASE("a deployment that fails before its steps is the same failure for the same reason",
          "[verdict]") {
    const auto before = failedAsAWhole("git_failed", kPostgres);
    const auto verdictOf = [&](const Deployment& now) { return verdict(after(end(now), before)); };
    CHECK(verdictOf(failedAsAWhole("git_failed", kPostgres)) == Is::drop);
    CHECK(verdictOf(failedAsAWhole("timeout", kPostgres)) == Is::tell);
    CHECK(verdictOf(failedAsAWhole("git_failed", kRedis)) == Is::tell);
    CHECK(verdictOf(deployment(State::failed, {failed(kPostgres, "git_failed")})) == Is::tell);
    CHECK(verdict(after(end(before), {failed(kPostgres, "git_failed")})) == Is::tell);
}

TEST_CASE("a success after a failure of the same services is a recovery", "[verdict]") {
    CHECK(verdict(after(success({changed(kPostgres)}), {failed(kPostgres)})) == Is::tell_recovered);
    CHECK(verdict(after(success({changed(kRedis)}), {changed(kRedis)})) == Is::tell);
    CHECK(verdict(after(success({changed(kPostgres), changed(kRedis)}),
                        {changed(kPostgres), failed(kRedis)})) == Is::tell_recovered);
    CHECK(verdict(after(success({changed(kPostgres)}), failedAsAWhole("git_failed", kPostgres))) ==
          Is::tell_recovered);
    CHECK(verdict(after(success({changed(kRedis)}), failedAsAWhole("git_failed", kPostgres))) ==
          Is::tell);
    // The one before failed in a step of another service, which this one did not deploy.
    auto other = deployment(State::failed, {changed(kRedis), failed(kPostgres)});
    auto all = after(success({changed(kRedis)}), other);
    all.steps_before = {changed(kRedis)};
    CHECK(verdict(all) == Is::tell);
}

TEST_CASE("a recovery is told where only failures are, and where nothing was changed",
          "[verdict]") {
    auto all = after(success({step(kPostgres, StepState::unchanged)}), {failed(kPostgres)});
    all.use.states = {"failed"};
    CHECK(verdict(all) == Is::tell_recovered);
    SECTION("but not to who hears of neither") {
        all.use.states = {"cancelled"};
        CHECK(verdict(all) == Is::drop);
    }
    SECTION("nor to who is not there for it") {
        all.use.triggers = {"manual"};
        CHECK(verdict(all) == Is::drop);
    }
    SECTION("nor of a dry run") {
        all.deployment.dry_run = true;
        CHECK(verdict(all) == Is::drop);
    }
}

TEST_CASE("a failure, its repetition, its change, its recovery: each is heard of once",
          "[verdict]") {
    config::NotifierUse failures;
    failures.states = {"failed"};
    std::vector<Is> told;
    std::vector<Step> before;
    const auto next = [&](const Step& now) {
        auto all =
            end(deployment(now.state == StepState::failed ? State::failed : State::success, {now}));
        all.use = failures;
        if (!before.empty()) all = after(all, before);
        told.push_back(verdict(all));
        before = {now};
    };
    next(changed(kPostgres));
    next(failed(kPostgres, "timeout"));
    next(failed(kPostgres, "timeout"));
    next(failed(kPostgres, "disk_full"));
    next(changed(kPostgres));
    next(changed(kPostgres));
    CHECK(told ==
          std::vector<Is>{Is::drop, Is::tell, Is::drop, Is::tell, Is::tell_recovered, Is::drop});
}

#include "engine/step_order.hpp"

#include <catch2/catch.hpp>
#include <future>

using namespace iac;
using engine::StepOrder;
using engine::StepQueue;

namespace {

struct World {
    std::vector<config::ServiceRule> rules;
    std::vector<Step> steps;

    /// A step for a service, and what it depends on.
    World& add(const std::string& service, std::vector<std::string> depends_on = {},
               StepState state = StepState::pending) {
        addService(service, std::move(depends_on));
        Step step;
        step.id = static_cast<StepId>(steps.size() + 1);
        step.service = service;
        step.state = state;
        steps.push_back(step);
        return *this;
    }
    World& addService(const std::string& service, std::vector<std::string> depends_on) {
        config::ServiceRule rule;
        rule.id = service;
        rule.executor = "invoke";
        rule.with = new Poco::JSON::Object;
        rule.depends_on = std::move(depends_on);
        rules.push_back(rule);
        return *this;
    }
    planning::Catalogue catalogue() const { return {rules, {}}; }
    StepOrder order(config::OnFailure onFailure = config::OnFailure::stop) const {
        return {steps, catalogue(), onFailure};
    }
};

/// "a" for a step to run, "-b (a)" for one to skip because of a; empty: none can begin now.
std::string next(StepOrder& order, const Step** step = nullptr) {
    const auto found = order.next();
    if (!found) return "";
    if (step != nullptr) *step = found->step;
    if (found->because == nullptr) return found->step->service;
    return "-" + found->step->service + " (" + found->because->service + ")";
}

}  // namespace

TEST_CASE("steps that do not depend on each other can begin side by side", "[step_order]") {
    const World world = World().add("a").add("b", {"a"}).add("c");
    auto order = world.order();
    CHECK(next(order) == "a");
    CHECK(next(order) == "c");
    CHECK(next(order).empty());
    order.ended(world.steps[2], true);
    CHECK(next(order).empty());
    order.ended(world.steps[0], true);
    CHECK(next(order) == "b");
    CHECK_FALSE(order.done());
    order.ended(world.steps[1], true);
    CHECK(order.done());
}

TEST_CASE("a step waits also for what it depends on through a service that is not deployed now",
          "[step_order]") {
    const World world = World().add("a").addService("between", {"a"}).add("c", {"between"});
    auto order = world.order();
    CHECK(next(order) == "a");
    CHECK(next(order).empty());
}

TEST_CASE("after a failure the steps behind it are skipped, and say because of which",
          "[step_order]") {
    const World world = World().add("a").add("b").add("c", {"a"});
    SECTION("all of them") {
        auto order = world.order(config::OnFailure::stop);
        CHECK(next(order) == "a");
        order.ended(world.steps[0], false);
        CHECK(next(order) == "-b (a)");
        CHECK(next(order) == "-c (a)");
    }
    SECTION("only those that depend on it, where the others are to go on") {
        auto order = world.order(config::OnFailure::proceed);
        CHECK(next(order) == "a");
        order.ended(world.steps[0], false);
        CHECK(next(order) == "b");
        CHECK(next(order) == "-c (a)");
    }
}

TEST_CASE("what ended in an earlier run counts as it ended", "[step_order]") {
    const World world = World().add("a", {}, StepState::changed).add("b", {"a"}).add("c", {"b"});
    auto order = world.order();
    CHECK(next(order) == "b");
    const World failed = World().add("a", {}, StepState::failed).add("b");
    auto after = failed.order();
    CHECK(next(after) == "-b (a)");
}

TEST_CASE("threads share the steps, and all end when one is interrupted", "[step_order]") {
    const World world = World().add("a").add("b", {"a"});
    StepQueue queue(world.order());
    REQUIRE(queue.take());
    auto other = std::async(std::launch::async, [&] { return queue.take(); });
    SECTION("the second begins when the first has ended") {
        queue.ended(world.steps[0], true);
        CHECK(other.get()->step->service == "b");
        CHECK_FALSE(queue.interrupted());
    }
    SECTION("nobody begins after an interruption") {
        queue.ended(world.steps[0], std::nullopt);
        CHECK_FALSE(other.get());
        CHECK(queue.interrupted());
        CHECK_FALSE(queue.take());
    }
}

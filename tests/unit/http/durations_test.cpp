#include "http/durations.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "unit/history/place.hpp"

namespace iac::http {
namespace {

using namespace history;

/// One family as text, a sorted line for each series: "invoke changed took 3.5 s, 2 times, 1
/// quick".
std::string text(Durations& durations, const std::string& name) {
    constexpr double kQuick = 0.5;  // one of the buckets
    std::set<std::string> lines;
    for (const auto& family : durations.collect()) {
        if (family.name != "iac_runner_" + name) continue;
        for (const auto& metric : family.metric) {
            std::ostringstream line;
            for (const auto& label : metric.label) line << label.value << " ";
            line << "took " << metric.histogram.sample_sum << " s, "
                 << metric.histogram.sample_count << " times";
            for (const auto& each : metric.histogram.bucket)
                if (each.upper_bound == kQuick) line << ", " << each.cumulative_count << " quick";
            lines.insert(line.str() + "\n");
        }
    }
    std::string all;
    for (const auto& line : lines) all += line;
    return all;
}

void runStep(Place& place, const Step& step, StepState state, Duration time) {
    const int attempt = place->startAttempt(step.id);
    place.clock.pass(time);
    place->finishAttempt(step.id, attempt, {state, 0, ""});
    place->finishStep(step.id, {state, "", {}, ""});
}

Event production(const std::string& ref) {
    Event event = request(ref);
    event.environment = "production";
    return event;
}

}  // namespace

TEST_CASE("a step that ended is counted once, as soon as it is asked for", "[durations]") {
    Place place;
    Durations durations(*place);
    CHECK(text(durations, "step_seconds") == "");
    const auto [id, steps] = runningDeployment(*place, request("v1"), {"a", "b", "c", "d"});
    runStep(place, steps[0], StepState::changed, Duration(400));
    CHECK(text(durations, "step_seconds") == "invoke changed took 0.4 s, 1 times, 1 quick\n");
    runStep(place, steps[1], StepState::changed, Duration(3'000));
    runStep(place, steps[2], StepState::failed, Duration(2'000));
    for (int looked = 0; looked < 2; ++looked)
        CHECK(text(durations, "step_seconds") ==
              "invoke changed took 3.4 s, 2 times, 1 quick\ninvoke failed took 2 s, 1 times, 0 "
              "quick\n");
    // What did not begin took no time.
    place->finish(id, {DeploymentState::failed, {}});
    CHECK(
        text(durations, "step_seconds") ==
        "invoke changed took 3.4 s, 2 times, 1 quick\ninvoke failed took 2 s, 1 times, 0 quick\n");
}

TEST_CASE("a deployment is counted without the time that it waited", "[durations]") {
    Place place;
    Durations durations(*place);
    place->admit(request("v1"), planOf({"a"}));
    place.clock.pass(Duration(60'000));
    const auto id = place->takeNext("staging").value().id;
    place.clock.pass(Duration(250));
    CHECK(text(durations, "deployment_seconds") == "");
    place->finish(id, {DeploymentState::success, {}});
    CHECK(text(durations, "deployment_seconds") ==
          "staging success took 0.25 s, 1 times, 1 quick\n");
    // One that never began is none.
    place->cancel(place->admit(request("v2"), planOf({"a"})).deployment, "ann");
    CHECK(text(durations, "deployment_seconds") ==
          "staging success took 0.25 s, 1 times, 1 quick\n");
}

TEST_CASE("what ended before the start is not counted, and what goes on is", "[durations]") {
    Place place;
    const auto [first, old] = runningDeployment(*place, request("v1"), {"a", "b"});
    runStep(place, old[0], StepState::changed, Duration(1'000));
    const auto [second, done] = runningDeployment(*place, production("v1"), {"a"});
    runStep(place, done[0], StepState::changed, Duration(1'000));
    place->finish(second, {DeploymentState::success, {}});
    Durations durations(*place);
    CHECK(text(durations, "step_seconds") == "");
    CHECK(text(durations, "deployment_seconds") == "");
    runStep(place, old[1], StepState::unchanged, Duration(2'000));
    place->finish(first, {DeploymentState::success, {}});
    CHECK(text(durations, "step_seconds") == "invoke unchanged took 2 s, 1 times, 0 quick\n");
    CHECK(text(durations, "deployment_seconds") == "staging success took 4 s, 1 times, 0 quick\n");
}

TEST_CASE("what ends in any order, page by page, is counted once", "[durations]") {
    Limits limits;
    limits.page = 2;
    Place place(limits);
    Durations durations(*place);
    const auto slow = runningDeployment(*place, request("slow"), {"a"});
    for (int i = 1; i <= 7; ++i) {
        const auto [id, steps] =
            runningDeployment(*place, production("v" + std::to_string(i)), {"a"});
        runStep(place, steps[0], StepState::changed, Duration(1'000));
        place->finish(id, {DeploymentState::success, {}});
        if (i % 3 != 0) continue;
        const auto count = std::to_string(i);
        CHECK(text(durations, "step_seconds") ==
              "invoke changed took " + count + " s, " + count + " times, 0 quick\n");
    }
    runStep(place, slow.second[0], StepState::changed, Duration(1'000));
    place->finish(slow.first, {DeploymentState::success, {}});
    CHECK(text(durations, "step_seconds") == "invoke changed took 8 s, 8 times, 0 quick\n");
    CHECK(text(durations, "deployment_seconds") ==
          "production success took 7 s, 7 times, 0 quick\nstaging success took 8 s, 1 times, 0 "
          "quick\n");
}

TEST_CASE("a step of a clock that was set back took no time", "[durations]") {
    Place place;
    Durations durations(*place);
    const auto [id, steps] = runningDeployment(*place, request("v1"), {"a"});
    runStep(place, steps[0], StepState::changed, Duration(-5'000));
    CHECK(text(durations, "step_seconds") == "invoke changed took 0 s, 1 times, 1 quick\n");
}

}  // namespace iac::http

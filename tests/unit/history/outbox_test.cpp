#include <catch2/catch.hpp>

#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;

namespace {

/// Everybody hears of everything, slack only of the end.
void subscribe(Place& place) {
    place->announceTo([](std::string_view event, std::string_view environment) {
        std::vector<std::string> names;
        if (environment != "staging") return names;
        if (event == "deployment.finished") names = {"slack", "log", "slack"};
        return names;
    });
}

void succeed(History& history, const char* ref) {
    const auto [id, steps] = runningDeployment(history, request(ref), {});
    history.finish(id, {DeploymentState::success, {}});
}

}  // namespace

TEST_CASE("every move is told to those who asked for it, once each", "[outbox]") {
    Place history;
    history->announceTo(
        [](std::string_view, std::string_view) { return std::vector<std::string>{"log"}; });
    const auto [id, steps] = runningDeployment(*history, push("d1"), {"a"});
    history->startAttempt(steps[0].id);
    history->finishAttempt(steps[0].id, 1, {StepState::changed, 0, ""});
    history->finishStep(steps[0].id, {StepState::changed, "", {}, ""});
    history->finish(id, {DeploymentState::success, {}});
    std::vector<std::string> events;
    for (const auto& told : history->notifications(id)) {
        CHECK(told.state == "waiting");
        events.push_back(told.event);
    }
    CHECK(events == std::vector<std::string>{"deployment.queued", "deployment.started",
                                             "deployment.step", "deployment.finished"});
    // In order: the next is not due before the one in front of it is gone.
    CHECK(history->dueMessages("log", 10).size() == 1);
}

TEST_CASE("a deployment that is taken over is told to have ended", "[outbox]") {
    Place history;
    subscribe(history);
    history->admit(push("d1"), planOf({"a"}));
    history->admit(push("d2"), planOf({"b"}));
    REQUIRE(history->notifications(1).size() == 2);
    CHECK(history->notifications(1)[0].event == "deployment.finished");
}

TEST_CASE("what waits for an environment that is gone is told to have failed", "[outbox]") {
    Place history;
    subscribe(history);
    history->admit(push("d1"), planOf({"a"}));
    history->failQueued("staging", {"unknown_environment", "gone", ""});
    CHECK(history->notifications(1).size() == 2);
}

TEST_CASE("messages leave the outbox in order, wait, are given up, and stay to be seen",
          "[outbox]") {
    Place history;
    subscribe(history);
    succeed(*history, "v1");
    succeed(*history, "v2");
    const auto logs = history->dueMessages("log", 10), slacks = history->dueMessages("slack", 10);
    REQUIRE(logs.size() == 2);
    REQUIRE(slacks.size() == 2);
    CHECK(logs[0].deployment == 1);
    CHECK(logs[0].event == "deployment.finished");
    CHECK(logs[0].attempts == 0);
    CHECK(logs[0].created_at == history.clock.now());
    CHECK(history->dueMessages("log", 1).size() == 1);
    CHECK_FALSE(history->nextMessageTime("log"));
    CHECK(history->waitingMessages() ==
          std::map<std::string, std::int64_t>{{"log", 2}, {"slack", 2}});

    history->delivered(logs[0].id);
    const auto later = history.clock.now() + Duration(1'000);
    history->notDelivered(slacks[0].id, later, "timeout");
    history->notDelivered(logs[1].id, std::nullopt, "no such channel");
    history->dropped(slacks[1].id);
    history.reopen();
    CHECK(history->dueMessages("log", 10).empty());
    CHECK(history->dueMessages("slack", 10).empty());
    CHECK(history->nextMessageTime("slack") == later);

    const auto first = history->notifications(1);
    REQUIRE(first.size() == 2);
    CHECK(first[0].notifier == "log");
    CHECK(first[0].state == "delivered");
    CHECK(first[0].delivered_at == history.clock.now());
    CHECK(first[1].state == "waiting");
    CHECK(first[1].reason == "timeout");
    const auto second = history->notifications(2);
    REQUIRE(second.size() == 1);  // what nobody wants to hear of leaves no trace
    CHECK(second[0].state == "given_up");
    CHECK(second[0].reason == "no such channel");

    history.clock.pass(Duration(1'000));
    const auto due = history->dueMessages("slack", 10);
    REQUIRE(due.size() == 1);
    CHECK(due[0].attempts == 1);
    CHECK_FALSE(history->nextMessageTime("slack"));
}

TEST_CASE("a notifier is given back what it remembered of the same deployment", "[outbox]") {
    Place history;
    history->announceTo([](std::string_view event, std::string_view) {
        return std::vector<std::string>(event == "deployment.step" ? 0 : 1, "slack");
    });
    const auto [id, steps] = runningDeployment(*history, push("d1"), {});
    history->finish(id, {DeploymentState::success, {}});
    const auto next = [&] { return history->dueMessages("slack", 1).at(0); };
    CHECK(next().memory.empty());
    // Also what a message remembered that was not delivered: it may have been said in part.
    const auto queued = next();
    history->notDelivered(queued.id, history.clock.now(), "half", "ts 1");
    CHECK(next().memory == "ts 1");
    history->delivered(queued.id);
    CHECK(next().memory == "ts 1");
    history->delivered(next().id, "ts 2");
    CHECK(next().memory == "ts 2");
    history->admit(push("d2"), planOf({}));
    history->delivered(next().id);
    CHECK(next().deployment == 2);
    CHECK(next().memory.empty());
}

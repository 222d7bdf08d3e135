// The time limit of calls inside the process, and what becomes of those that do not return.
#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "plugin/inside.hpp"
#include "plugin/inside_calls.hpp"
#include "unit/plugin/fixture.hpp"

namespace iac::plugin {
namespace {

using Catch::Matchers::Contains;
using SteadyClock = std::chrono::steady_clock;

constexpr CallSettings kHasty{Duration{100}};
constexpr CallSettings kPatient{Duration{60'000}};
constexpr std::chrono::seconds kSoon{30};  // on a busy machine

const Registry& registry() {
    static const PluginFolder folder({"inside"});
    static const Registry loaded({folder.path()});
    return loaded;
}

Trigger make(const char* id, const CallSettings& settings, std::string_view config = "{}") {
    return Trigger(registry().find("trigger", id), config, settings);
}

TriggerVerdict ask(const Trigger& trigger, std::string_view body) {
    TriggerRequest request;
    request.method = "POST";
    request.path = "/echo";
    request.body = body;
    return trigger.receive(request);
}

// Lets every call return that hangs, at the latest when the test ends.
struct Release {
    ~Release() { now(); }
    static void now() {
        const Trigger other = make("test.echo", kPatient);
        const auto until = SteadyClock::now() + kSoon;
        while (!stuckCalls().empty() && SteadyClock::now() < until) ask(other, "release");
        CHECK(stuckCalls().empty());
    }
};

bool isStuck(const std::string& plugin, const std::string& function) {
    for (const auto& one : stuckCalls())
        if (one.plugin == plugin && one.function == function) return true;
    return false;
}

}  // namespace

TEST_CASE("a trigger that hangs is given up at its time limit, and refused until it returns",
          "[inside][time]") {
    const Release release;
    const Trigger trigger = make("test.echo", kHasty);
    CHECK_THROWS_AS(ask(trigger, "hang"), Unanswered);
    CHECK(isStuck("test.echo", "receive"));
    CHECK_THROWS_WITH(ask(trigger, "event"),
                      Contains("test.echo (/") && Contains("inside.so) was not called: an earlier "
                                                           "call has not returned"));
    // Another instance of it is not held up.
    CHECK_NOTHROW(ask(make("test.echo", kPatient), "event"));

    Release::now();
    CHECK(ask(trigger, "event").kind == TriggerVerdict::Kind::event);
}

TEST_CASE("the sentence of a call that hangs names plugin, function and limit", "[inside][time]") {
    const Release release;
    CHECK_THROWS_WITH(
        ask(make("test.echo", kHasty), "hang"),
        Contains("test.echo (/") && Contains("did not return from receive()") && Contains("100ms"));
    const Mapper mapper(registry().find("mapper", "test.by-first"), "{}", kHasty);
    CHECK_THROWS_WITH(mapper.map({"a/b", "hang"}, {}, ""),
                      Contains("test.by-first (/") && Contains("did not return from map()"));
    CHECK(isStuck("test.by-first", "map"));
    CHECK_THROWS_WITH(mapper.map({"a/b"}, {}, ""), Contains("an earlier call has not returned"));
}

TEST_CASE("cancelled() is true for a call at its time limit", "[inside][time]") {
    const Trigger trigger = make("test.echo", kHasty);
    CHECK_THROWS_WITH(
        ask(trigger, "await cancel"),
        Contains("was stopped in receive(): its time was over") && Contains("it was told to stop"));
    CHECK(stuckCalls().empty());
    // Done is done; and the next call has a time of its own.
    CHECK(ask(trigger, "answer when cancelled").reason == "just in time");
    CHECK(ask(trigger, "event").kind == TriggerVerdict::Kind::event);
}

TEST_CASE("cancelled() is true for a call when the runner stops, and no other is made",
          "[inside][time]") {
    const Trigger trigger = make("test.echo", kPatient);
    auto called = std::async(std::launch::async, [&] { ask(trigger, "await cancel"); });
    trigger.stop();
    CHECK_THROWS_AS(called.get(), Stopped);
    CHECK_THROWS_AS(ask(trigger, "event"), Stopped);
}

TEST_CASE("whoever waits for a plugin that hangs is refused when it is given up",
          "[inside][time]") {
    const Release release;
    const Trigger trigger = make("test.echo", {Duration{2'000}});
    std::vector<std::future<void>> calls;
    for (int i = 0; i < 4; ++i)
        calls.push_back(std::async(std::launch::async, [&] { ask(trigger, "hang"); }));
    for (auto& call : calls) CHECK_THROWS_AS(call.get(), Unanswered);
    REQUIRE(stuckCalls().size() == 1);
    CHECK(stuckCalls()[0].times == 1);
}

TEST_CASE("only so many calls are inside a concurrent plugin when it begins to hang",
          "[inside][time]") {
    const Release release;
    const Trigger crowd = make("test.crowd", {Duration{3'000}});
    std::vector<std::future<void>> calls;
    for (std::size_t i = 0; i < kMostCallsAtOnce + 8; ++i)
        calls.push_back(std::async(std::launch::async, [&] { ask(crowd, "hang"); }));
    for (auto& call : calls) CHECK_THROWS_AS(call.get(), Unanswered);
    REQUIRE(stuckCalls().size() == 1);
    CHECK(stuckCalls()[0].times <= kMostCallsAtOnce);
}

TEST_CASE("create() that hangs is refused", "[inside][time]") {
    const Release release;
    CHECK_THROWS_AS(make("test.echo", kHasty, R"({"hang_create":true})"), Refused);
    CHECK(isStuck("test.echo", "create"));
}

TEST_CASE("a plugin gets no more threads when too many of its calls are stuck", "[inside][time]") {
    const Release release;
    const Trigger crowd = make("test.crowd", kHasty);
    std::vector<std::future<void>> calls;
    for (std::size_t i = 0; i < kMostStuckCalls; ++i)
        calls.push_back(std::async(std::launch::async, [&] { ask(crowd, "hang"); }));
    for (auto& call : calls) CHECK_THROWS_AS(call.get(), Unanswered);
    REQUIRE(stuckCalls().size() == 1);
    CHECK(stuckCalls()[0].times == kMostStuckCalls);
    CHECK_THROWS_WITH(ask(crowd, "hang"), Contains("was not called"));
    // A reload makes another instance: that gets none either.
    CHECK_THROWS_AS(make("test.crowd", kHasty), Refused);

    Release::now();
    CHECK(ask(crowd, "release").reason == "released");
}

}  // namespace iac::plugin

// run(): input, output, time limits, and what a program leaves behind.
#include <signal.h>

#include <catch2/catch.hpp>
#include <thread>

#include "base/process.hpp"
#include "fixtures/folder.hpp"
#include "fixtures/subreaper.hpp"

using namespace std::chrono_literals;
using iac::Exit;
using iac::Program;
using iac::run;
using iac::RunEnd;
using iac::RunLimits;
using SteadyClock = std::chrono::steady_clock;

namespace {

Program shell(const std::string& script) {
    return {{"/bin/sh", "-c", script}, {"PATH=/usr/bin:/bin"}, {}};
}

struct Said {
    std::string out, err;
    RunLimits limits;
    Said() {
        limits.output = [this](int stream, std::string_view bytes) {
            (stream == 1 ? out : err) += bytes;
        };
    }
};

// Waits for it: a killed process takes its moment, and whoever inherits it reaps it when it likes.
bool isGone(pid_t pid) {
    const auto until = SteadyClock::now() + 30s;
    while (SteadyClock::now() < until) {
        const auto stat = iac::fixtures::readFile("/proc/" + std::to_string(pid) + "/stat");
        if (stat.empty() || stat.find(") Z ") != std::string::npos) return true;
        std::this_thread::yield();
    }
    return false;
}

}  // namespace

TEST_CASE("a run gives its output, stream by stream, and its exit", "[run]") {
    Said said;
    const RunEnd end = run(shell("echo out; echo err >&2; exit 4"), {}, said.limits);
    CHECK(end.how == RunEnd::How::exited);
    CHECK(end.exit == Exit{4});
    CHECK(said.out == "out\n");
    CHECK(said.err == "err\n");
}

TEST_CASE("a run without a place for its output is a run all the same", "[run]") {
    CHECK(run(shell("head -c 1000000 /dev/zero"), {}, {}).exit == Exit{0});
}

TEST_CASE("large input and output pass each other", "[run]") {
    Said said;
    const std::string input(8u << 20, 'x');
    CHECK(run({{"/bin/cat"}, {}, {}}, input, said.limits).exit == Exit{0});
    CHECK(said.out == input);
}

TEST_CASE("a program that does not read its input costs nothing", "[run]") {
    const std::string input(8u << 20, 'x');
    CHECK(run({{"/bin/true"}, {}, {}}, input, {}).exit == Exit{0});
    CHECK(run(shell("exec <&-; exit 3"), input, {}).exit == Exit{3});
}

TEST_CASE("a run that closes its output goes on", "[run]") {
    Said said;
    CHECK(run(shell("exec >&- 2>&-; sleep 0.05; exit 5"), {}, said.limits).exit == Exit{5});
}

TEST_CASE("a run is stopped at its time limit, with its group", "[run]") {
    Said said;
    said.limits.timeout = 100ms;
    SECTION("by SIGTERM, which it may answer") {
        const RunEnd end =
            run(shell("trap 'echo bye; exit 9' TERM; sleep 1000 & wait"), {}, said.limits);
        CHECK(end.how == RunEnd::How::timed_out);
        CHECK(end.exit == Exit{9});
        CHECK(said.out == "bye\n");
    }
    SECTION("by SIGKILL, when it does not") {
        said.limits.grace = 100ms;
        const RunEnd end =
            run(shell("trap '' TERM; echo $$; while :; do sleep 0.01; done"), {}, said.limits);
        CHECK(end.how == RunEnd::How::timed_out);
        CHECK(end.exit == Exit{-SIGKILL});
        CHECK(isGone(std::stoi(said.out)));
    }
    SECTION("even when it is stopped") {
        const RunEnd end = run(shell("kill -STOP $$"), {}, said.limits);
        CHECK(end.how == RunEnd::How::timed_out);
        CHECK(end.exit == Exit{-SIGTERM});
    }
    SECTION("even when it never stops talking") {
        said.limits.output = {};
        CHECK(run({{"/usr/bin/yes"}, {}, {}}, {}, said.limits).how == RunEnd::How::timed_out);
    }
}

TEST_CASE("a run within its limits is not touched", "[run]") {
    RunLimits limits;
    limits.timeout = 60s;
    const iac::Cancellation never;
    limits.cancel = &never;
    CHECK(run({{"/bin/true"}, {}, {}}, {}, limits).how == RunEnd::How::exited);
}

TEST_CASE("a run can be cancelled from another thread", "[run]") {
    iac::Cancellation cancel;
    Said said;
    said.limits.cancel = &cancel;
    const auto keep = said.limits.output;
    said.limits.output = [&](int stream, std::string_view bytes) {
        keep(stream, bytes);
        std::thread([&] { cancel.request(); }).join();
    };
    const RunEnd end = run(shell("echo started; exec sleep 1000"), {}, said.limits);
    CHECK(end.how == RunEnd::How::cancelled);
    CHECK(end.exit == Exit{-SIGTERM});
    SECTION("and before it began") {
        CHECK(run({{"/bin/sleep", "1000"}, {}, {}}, {}, said.limits).how == RunEnd::How::cancelled);
    }
}

TEST_CASE("what a run leaves in its group is killed", "[run]") {
    Said said;
    const auto began = SteadyClock::now();
    // The sleeper holds the pipes: without its end the output would never end.
    CHECK(run(shell("sleep 1000 & echo $!"), {}, said.limits).exit == Exit{0});
    CHECK(SteadyClock::now() - began < said.limits.drain);
    CHECK(isGone(std::stoi(said.out)));
}

TEST_CASE("what left the group holds a run up no longer than the drain time", "[run]") {
    const iac::fixtures::Subreaper subreaper;
    Said said;
    said.limits.drain = 50ms;
    SECTION("silent") {
        CHECK(run(shell("setsid sleep 1000 & sleep 0.1; echo done"), {}, said.limits).exit ==
              Exit{0});
        CHECK(said.out == "done\n");
    }
    SECTION("or talking") {
        said.limits.output = {};
        CHECK(run(shell("setsid yes & sleep 0.1"), {}, said.limits).exit == Exit{0});
    }
}

TEST_CASE("an output that cannot be taken ends the run and the program", "[run]") {
    pid_t pid = 0;
    RunLimits limits;
    limits.output = [&](int, std::string_view bytes) {
        pid = std::stoi(std::string(bytes));
        throw std::runtime_error("full");
    };
    CHECK_THROWS_WITH(run(shell("echo $$; exec sleep 1000"), {}, limits), "full");
    CHECK(isGone(pid));
}

TEST_CASE("a program that cannot be started throws, and leaves no descriptor open", "[run]") {
    const auto lowest = [] { return iac::Descriptor(::dup(0)).get(); };
    const int before = lowest();
    for (int i = 0; i < 10; ++i)
        CHECK_THROWS_AS(run({{"/nowhere/tool"}, {}, {}}, "input", {}), std::runtime_error);
    CHECK(lowest() == before);
}

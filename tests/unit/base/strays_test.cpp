// What outlives its parent: found, killed, reaped.
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/process.hpp"
#include "fixtures/subreaper.hpp"

using iac::Child;
using iac::Exit;
using iac::Program;
using iac::fixtures::Subreaper;

namespace {

Program shell(const std::string& script) {
    return {{"/bin/sh", "-c", script}, {"PATH=/usr/bin:/bin"}, {}};
}

// The pid of a sleeper in a session of its own, whose parent is gone.
pid_t leaveStray() {
    std::string said;
    iac::RunLimits limits;
    limits.drain = iac::Duration{0};
    limits.output = [&said](int, std::string_view bytes) { said += bytes; };
    iac::run(
        shell("setsid sh -c 'echo $$; exec sleep 1000' & while ! [ -e /proc/$!/cwd ]; do :; done; "
              "sleep 0.2"),
        {}, limits);
    return std::stoi(said);
}

bool isChild(pid_t pid) {
    const auto children = iac::childrenOf(::getpid());
    return std::ranges::find(children, pid) != children.end();
}

}  // namespace

TEST_CASE("childrenOf goes on past processes that end while it looks", "[strays]") {
    Child churn(shell("i=0; while [ $i -lt 2000 ]; do /bin/true; i=$((i+1)); done"), {});
    for (int i = 0; i < 300; ++i) CHECK_NOTHROW(iac::childrenOf(churn.pid()));
    churn.wait();
}

TEST_CASE("strays are killed and reaped, children that someone stands for are not", "[strays]") {
    const Subreaper subreaper;
    Child kept({{"/bin/sleep", "1000"}, {}, {}}, {});
    const pid_t stray = leaveStray();
    REQUIRE(isChild(stray));
    iac::reapStrays();  // it has not ended: it stays
    CHECK(isChild(stray));

    iac::killStrays();
    CHECK_FALSE(isChild(stray));
    CHECK(::kill(stray, 0) == -1);
    CHECK(isChild(kept.pid()));
    kept.signalGroup(SIGTERM);
    CHECK(kept.wait() == Exit{-SIGTERM});
}

TEST_CASE("a stray that has ended is reaped", "[strays]") {
    const Subreaper subreaper;
    const pid_t stray = leaveStray();
    const iac::Descriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, stray, 0)));
    ::kill(stray, SIGKILL);
    pollfd ready{ended.get(), POLLIN, 0};
    REQUIRE(::poll(&ready, 1, 60'000) == 1);
    REQUIRE(isChild(stray));
    iac::reapStrays();
    CHECK_FALSE(isChild(stray));
}

TEST_CASE("the exit of a child is not taken by those who reap strays", "[strays]") {
    const Subreaper subreaper;
    Child child(shell("exit 6"), {});
    pollfd ended{child.ended(), POLLIN, 0};
    REQUIRE(::poll(&ended, 1, 60'000) == 1);
    iac::reapStrays();
    iac::killStrays();
    CHECK(child.wait() == Exit{6});
}

TEST_CASE("all descendants of a process are killed, in whatever session, and not itself",
          "[process_tree]") {
    const Subreaper subreaper;
    iac::Pipe pipe;
    Child child(shell("setsid sh -c 'setsid sleep 1000 & sleep 1000 & echo ready; wait' & wait; "
                      "echo survived; exec sleep 1000"),
                {{pipe.write.get(), 1}});
    pipe.write.close();
    char buffer[32];
    REQUIRE(::read(pipe.read.get(), buffer, sizeof buffer) == 6);  // "ready\n"
    iac::killDescendants(child.pid());
    REQUIRE(::read(pipe.read.get(), buffer, sizeof buffer) == 9);  // "survived\n"
    child.signalGroup(SIGKILL);
    CHECK(child.wait() == Exit{-SIGKILL});
}

TEST_CASE("killDescendants finds a process whatever name it gave itself", "[strays]") {
    const std::string name = GENERATE(as<std::string>{}, "a\\nb", "x) R 1 (y", "\\n\\n)", ") Z 0 ");
    INFO(name);
    iac::Pipe pipe;
    Child child(shell("setsid python3 -c 'import ctypes, os, time; "
                      "ctypes.CDLL(None).prctl(15, b\"" +
                      name +
                      "\", 0, 0, 0); "
                      "print(os.getpid(), flush=True); time.sleep(1000)' & wait; exec sleep 1000"),
                {{pipe.write.get(), 1}});
    pipe.write.close();
    char buffer[32] = {};
    REQUIRE(::read(pipe.read.get(), buffer, sizeof buffer - 1) > 0);
    const pid_t named = std::stoi(buffer);
    REQUIRE(::kill(named, 0) == 0);
    iac::killDescendants(child.pid());
    // Its end closes the last writer but the shell, which goes on as a sleeper of ours.
    child.signalGroup(SIGKILL);
    child.wait();
    CHECK(::read(pipe.read.get(), buffer, sizeof buffer) == 0);
}

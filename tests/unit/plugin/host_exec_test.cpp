// What exec() does in the host, and that nothing of it is left.
#include <iac/plugin.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/process.hpp"
#include "plugin/host.hpp"
#include "unit/plugin/hosted.hpp"

namespace iac::plugin {
namespace {

using Catch::Matchers::Contains;
using End = HostedResult::End;

std::string shell(const std::string& script, const std::string& more = {}) {
    return R"("argv":["sh","-c",")" + script + "\"]" + (more.empty() ? "" : "," + more);
}

}  // namespace

TEST_CASE("exec runs a program in the work tree with exactly the step's environment", "[exec]") {
    const fixtures::Folder folder;
    Hosted hosted("exec", shell("pwd; env | sort; cat",
                                R"("stdin":"typed","variables":["DEPLOY_ENV=other","NEW=1"])"));
    hosted.call.directory = std::filesystem::canonical(folder.path());
    CHECK(hosted.run().status == IAC_OK);
    CHECK(hosted.result.exit_code == 0);
    CHECK(hosted.output[1] ==
          hosted.call.directory.string() +
              "\nDEPLOY_ENV=other\nLANG=C.UTF-8\nNEW=1\nPATH=/usr/bin:/bin\nPWD=" +
              hosted.call.directory.string() + "\ntyped");
}

TEST_CASE("exec passes bytes of the environment on as they are", "[exec]") {
    Hosted hosted("exec", shell("printf %s \\\"$ODD\\\" | od -An -tx1"));
    hosted.call.environment.push_back("ODD=\xFF\x01\n");
    hosted.run();
    CHECK(hosted.output[1] == " ff 01 0a\n");
}

TEST_CASE("exec streams both outputs and gives the exit code", "[exec]") {
    Hosted hosted("exec", shell("echo out; echo err >&2; exit 7"));
    CHECK(hosted.run().status == IAC_FAILED);
    CHECK(hosted.result.message == "exit 7");
    CHECK(hosted.result.exit_code == 7);
    CHECK(hosted.output[1] == "out\n");
    CHECK(hosted.output[2] == "err\n");
    CHECK(hosted.emitted("code") == "7");

    Hosted killed("exec", shell("kill -9 $$"));
    killed.run();
    CHECK(killed.result.exit_code == -9);
}

TEST_CASE("exec that is quiet shows its output to the plugin only", "[exec]") {
    Hosted hosted("exec", shell("echo out", R"("quiet":true)"));
    CHECK(hosted.run().status == IAC_OK);
    CHECK(hosted.output[1].empty());
    CHECK(hosted.emitted("seen") == R"("out\n")");
}

TEST_CASE("exec says why it cannot start a program", "[exec]") {
    Hosted hosted("exec", R"("argv":["no-such-program"])");
    CHECK(hosted.run().status == IAC_FAILED);
    CHECK_THAT(hosted.result.message, Contains("cannot start \"no-such-program\""));
    CHECK(Hosted("exec", R"("argv":[])").run().status == IAC_INVALID);
    CHECK(Hosted("exec", R"("argv":["true","a\u0000b"])").run().status == IAC_INVALID);
    CHECK(Hosted("exec", R"("variables":["NOEQUALS"])").run().status == IAC_INVALID);
}

TEST_CASE("exec ends what runs into its own time limit", "[exec]") {
    Hosted hosted("exec", R"("argv":["sleep","600"],"timeout":0.2)");
    CHECK(hosted.run().end == End::returned);
    CHECK(hosted.result.status == IAC_FAILED);
    CHECK(hosted.result.message == "sleep did not end in 0.2 s and was stopped");
}

TEST_CASE("cancel ends the program first, and the plugin says so", "[exec]") {
    Cancellation cancel;
    Hosted hosted("exec", shell("echo started; exec sleep 600"));
    hosted.call.cancel = &cancel;
    hosted.on_output = [&] { cancel.request(); };
    CHECK(hosted.run().end == End::cancelled);
    CHECK_THAT(hosted.result.message, Contains("it said: sh was stopped: the step had to end"));
}

TEST_CASE("cancel ends a program that ignores SIGTERM after the grace time", "[exec]") {
    Cancellation cancel;
    Hosted hosted("exec", shell("trap '' TERM; echo started; while :; do sleep 600; done"));
    hosted.call.cancel = &cancel;
    hosted.call.grace = Duration{200};
    hosted.on_output = [&] { cancel.request(); };
    CHECK(hosted.run().end == End::cancelled);
    CHECK(hosted.result.exit_code == -9);
}

TEST_CASE("a process that left the group and the session ends with the call", "[exec]") {
    adoptOrphans();
    Hosted hosted("leave");
    SECTION("that returned") {
        CHECK(hosted.run().status == IAC_OK);
    }
    SECTION("that crashed") {
        hosted = Hosted("leave and crash");
        CHECK(hosted.run().end == End::crashed);
    }
    SECTION("that ended the process") {
        hosted = Hosted("leave and exit");
        CHECK(hosted.run().end == End::crashed);
    }
    SECTION("that had to be killed") {
        hosted = Hosted("leave and hang");
        hosted.call.timeout = Duration{300};
        hosted.call.grace = Duration{50};
        CHECK(hosted.run().end == End::timed_out);
    }
    const std::string left = hosted.emitted("left");
    REQUIRE_FALSE(left.empty());
    CHECK_FALSE(isAlive(left));
    CHECK(childrenOf(::getpid()).empty());
}

TEST_CASE("what a crash leaves behind is told from the children of the daemon", "[exec]") {
    adoptOrphans();
    Child other({{"sleep", "600"}, {"PATH=/usr/bin:/bin"}, ""}, {});
    Hosted hosted("leave and crash");
    hosted.run();
    CHECK_FALSE(isAlive(hosted.emitted("left")));
    CHECK(childrenOf(::getpid()) == std::vector<pid_t>{other.pid()});
}

TEST_CASE("the death of the daemon ends the host and all it started", "[exec]") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    hostedPlugins();
    const pid_t daemon = ::fork();
    REQUIRE(daemon >= 0);
    if (daemon > 0) ::close(ends[1]);
    if (daemon == 0) {
        Hosted hosted("exec", shell("echo $$; exec sleep 600"));
        hosted.call.grace = Duration{200};
        hosted.on_output = [&] {
            const std::string& pid = hosted.output[1];
            if (::write(ends[1], pid.data(), pid.size()) < 0) ::_exit(1);
        };
        hosted.run();
        ::_exit(0);
    }
    char pid[32] = {};
    REQUIRE(::read(ends[0], pid, sizeof pid - 1) > 0);
    CHECK(isAlive(pid));
    ::kill(daemon, SIGKILL);
    ::waitpid(daemon, nullptr, 0);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (isAlive(pid) && std::chrono::steady_clock::now() < until) {
        reapStrays();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    CHECK_FALSE(isAlive(pid));
    killStrays();
}

}  // namespace iac::plugin

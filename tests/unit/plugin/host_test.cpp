#include "plugin/host.hpp"

#include <iac/plugin.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/process.hpp"
#include "fixtures/folder.hpp"
#include "unit/plugin/hosted.hpp"

namespace iac::plugin {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using End = HostedResult::End;

}  // namespace

TEST_CASE("what a plugin says in the host arrives", "[host]") {
    Hosted hosted("chatter");
    const auto& result = hosted.run();
    CHECK(result.message.empty());
    CHECK(result.end == End::returned);
    CHECK(result.status == IAC_OK);
    CHECK(hosted.said == std::vector<std::string>{"2 a sentence", "50% half way"});
    CHECK_THAT(hosted.output[1], Contains("a line\n") && Contains("from printf\n"));
    CHECK(hosted.output[2] == "from stderr\n");
    CHECK(hosted.emitted("outcome") == "\"unchanged\"");
    CHECK(hosted.emitted("config_hash") == "\"abc\"");
    CHECK_FALSE(result.exit_code);
}

TEST_CASE("a step runs the plugin file that was judged, and no other", "[host]") {
    const fixtures::Folder folder;
    const auto file = folder / "actor.so";
    std::filesystem::copy_file(hostedPlugins().find("executor", "test.actor").file, file);
    const Registry registry({folder.path()});
    Hosted hosted("chatter");
    hosted.call.plugin = &registry.find("executor", "test.actor");
    CHECK(hosted.run().status == IAC_OK);
    SECTION("not one that took its place") {
        std::filesystem::copy_file(file, folder / "next.so");
        std::filesystem::rename(folder / "next.so", file);
    }
    SECTION("not one that was written over it") {
        std::ofstream(file, std::ios::app) << "more";
    }
    SECTION("not none") {
        std::filesystem::remove(file);
    }
    const auto result = callInHost(hosted.call, hosted.events);
    CHECK(result.end == End::refused);
    CHECK_THAT(result.message, Contains("actor.so") && Contains("replaced or removed"));
    CHECK(result.emitted.empty());
}

TEST_CASE("a plugin in plain C runs as well", "[host]") {
    Hosted hosted("");
    hosted.call.plugin = &hostedPlugins().find("notifier", "test.plain-c");
    hosted.call.input = R"({"event":"deployment.finished"})";
    CHECK(hosted.run().status == IAC_OK);
    CHECK(hosted.output[1] == "deployment.finished");
    CHECK(hosted.result.emitted == std::vector<std::string>{hosted.call.input});

    hosted.call.input = "{}";
    CHECK(hosted.run().status == IAC_INVALID);
    CHECK(hosted.result.message == "the input has no event");
}

TEST_CASE("a failure keeps its sentence and its diagnosis", "[host]") {
    Hosted hosted("fail");
    CHECK(hosted.run().end == End::returned);
    CHECK(hosted.result.status == IAC_FAILED);
    CHECK(hosted.result.message == "the release has no revision");
    CHECK(hosted.emitted("error_kind") == "\"no_revision\"");
    CHECK(hosted.emitted("next_action") == "\"Install it first.\"");
}

TEST_CASE("a defect of a plugin names it and its file", "[host]") {
    Hosted hosted("throw");
    CHECK(hosted.run().status == IAC_INTERNAL);
    CHECK_THAT(hosted.result.message,
               StartsWith("test.actor (/") && EndsWith("actor.so): a defect"));
    CHECK_THAT(Hosted("throw int").run().message,
               EndsWith("an exception that is not a std::exception"));
}

TEST_CASE("create() that fails is a refusal with its reason", "[host]") {
    Hosted hosted("nothing");
    hosted.call.config = R"({"fail_create":true})";
    CHECK(hosted.run().end == End::refused);
    CHECK(hosted.result.status == IAC_INTERNAL);
    CHECK_THAT(hosted.result.message, EndsWith("create() failed: cannot reach vault at 10.0.0.1"));

    hosted.call.config = "{";
    CHECK(hosted.run().end == End::refused);
    CHECK_THAT(hosted.result.message, Contains("its configuration cannot be read: "));

    hosted.call.config = R"({"crash_create":true})";
    CHECK(hosted.run().end == End::crashed);
}

TEST_CASE("a file that is gone since the start is a refusal", "[host]") {
    Plugin gone = hostedPlugins().find("executor", "test.actor");
    gone.file = "/nowhere/actor.so";
    gone.identity.clear();  // nobody looks before: the host finds it out
    Hosted hosted("nothing");
    hosted.call.plugin = &gone;
    CHECK(hosted.run().end == End::refused);
    CHECK_THAT(hosted.result.message, Contains("cannot be loaded: /nowhere/actor.so"));
}

TEST_CASE("a work tree that is not there is a refusal that names it", "[host]") {
    Hosted hosted("nothing");
    hosted.call.directory = "/nowhere/at/all";
    CHECK(hosted.run().end == End::refused);
    CHECK_THAT(hosted.result.message, Contains("/nowhere/at/all"));
}

TEST_CASE("a plugin that dies ends as a sentence", "[host]") {
    const auto died = [](const std::string& how) {
        Hosted hosted(how);
        CHECK(hosted.run().end == End::crashed);
        CHECK(hosted.result.status == IAC_INTERNAL);
        return hosted.result.message;
    };
    CHECK_THAT(died("segfault"), StartsWith("test.actor crashed: Segmentation fault (/"));
    CHECK_THAT(died("abort"), StartsWith("test.actor crashed: Aborted (/"));
    CHECK_THAT(died("exit 3"), StartsWith("test.actor ended the process with exit code 3 (/"));
    CHECK_THAT(died("exit 0"), StartsWith("test.actor ended the process with exit code 0 (/"));
    CHECK_THAT(died("write on descriptor"), Contains("wrote on descriptor 3"));
}

TEST_CASE("a plugin that honours cancel ends with its own words", "[host]") {
    Cancellation cancel;
    Hosted hosted("wait for cancel");
    hosted.call.cancel = &cancel;
    hosted.on_output = [&] { cancel.request(); };
    CHECK(hosted.run().end == End::cancelled);
    CHECK(hosted.result.status == IAC_CANCELLED);
    CHECK(hosted.result.message ==
          "test.actor was stopped: the call was cancelled; it said: stopped tidily");
}

TEST_CASE("a call that was cancelled before it began is not started", "[host]") {
    Cancellation cancel;
    cancel.request();
    Hosted hosted("chatter");
    hosted.call.cancel = &cancel;
    CHECK(hosted.run().end == End::cancelled);
    CHECK(hosted.output.empty());
}

TEST_CASE("a plugin that runs out of its time is told, and may end tidily", "[host]") {
    Hosted hosted("wait for cancel");
    hosted.call.timeout = Duration{1'000};
    CHECK(hosted.run().end == End::timed_out);
    CHECK(hosted.result.message ==
          "test.actor was stopped after 1s: it did not end in time; it said: stopped tidily");
}

TEST_CASE("a plugin that ignores every request to end is killed", "[host]") {
    Cancellation cancel;
    Hosted hosted("stubborn");
    hosted.call.cancel = &cancel;
    hosted.call.grace = Duration{100};
    hosted.on_output = [&] { cancel.request(); };
    CHECK(hosted.run().end == End::cancelled);
    CHECK(hosted.result.message ==
          "test.actor was killed: the call was cancelled, and it did not end in its grace time of "
          "100ms");
}

TEST_CASE("a flood is passed on and costs no memory", "[host]") {
    Hosted hosted("flood", R"("megabytes":64)");
    std::size_t seen = 0;
    hosted.events = {};
    hosted.events.output = [&](int, std::string_view bytes) { seen += bytes.size(); };
    CHECK(callInHost(hosted.call, hosted.events).status == IAC_OK);
    CHECK(seen == std::size_t{64} << 20);
}

TEST_CASE("results are bounded in number and in size", "[host]") {
    Hosted many("flood results");
    CHECK(many.run().status == IAC_OK);
    CHECK(many.result.emitted.size() == kMostEmitted);
    REQUIRE(many.said.size() == 1);
    CHECK_THAT(many.said[0], Contains("emits more than 1000 results"));

    Hosted huge("huge result");
    CHECK(huge.run().status == IAC_INTERNAL);
    CHECK_THAT(huge.result.message, Contains("emitted a result of more than 1 MiB"));
}

TEST_CASE("nothing of the daemon's environment reaches the host", "[host]") {
    REQUIRE(::setenv("IAC_TEST_SECRET", "hunter2", 1) == 0);
    Hosted hosted("environment of host");
    REQUIRE(hosted.run().status == IAC_OK);
    CHECK_THAT(hosted.emitted("environment"), Contains("PATH=") && !Contains("hunter2"));
}

TEST_CASE("an event handler that throws ends the call, and its processes", "[host]") {
    Hosted hosted("leave and hang");
    hosted.on_output = [] { throw std::runtime_error("the disk is full"); };
    adoptOrphans();
    CHECK_THROWS_WITH(hosted.run(), "the disk is full");
    CHECK(childrenOf(::getpid()).empty());
}

TEST_CASE("what uses more processor time than it may is ended, and says so", "[host]") {
    Hosted plugin("loop");
    plugin.call.processor_time = Duration{1'000};
    CHECK(plugin.run().end == End::crashed);
    CHECK_THAT(plugin.result.message, Contains("CPU time limit exceeded"));
    Hosted program("exec", R"("argv":["sh","-c","while :; do :; done"])");
    program.call.processor_time = Duration{1'000};
    program.run();
    CHECK(program.result.exit_code == -SIGXCPU);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a plugin that takes more memory than it may ends as its own failure", "[host]") {
    Hosted hosted("eat memory");
    hosted.call.memory = std::uint64_t{512} << 20;
    CHECK(hosted.run().status == IAC_INTERNAL);
    CHECK_THAT(hosted.result.message, Contains("bad_alloc"));
    Hosted enough("eat memory");
    CHECK(enough.run().status == IAC_OK);
}

// The sanitizer itself takes memory for damaged where it gets no descriptor to look at it.
TEST_CASE("where there is no descriptor left, the call waits until there is one", "[host]") {
    Hosted hosted("chatter");
    hosted.run();  // what is looked up once is there
    Cancellation cancel;
    hosted.call.cancel = &cancel;
    // The line that says so is what the other thread waits for.
    Pipe said;
    const Descriptor stderr_before(::dup(STDERR_FILENO));
    rlimit limits{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limits) == 0);
    const auto stop = GENERATE(false, true);
    std::thread other([&] {
        char byte = 0;
        CHECK(::read(said.read.get(), &byte, 1) == 1);
        if (stop) cancel.request();
        ::setrlimit(RLIMIT_NOFILE, &limits);
    });
    ::dup2(said.write.get(), STDERR_FILENO);
    const rlimit few{static_cast<rlim_t>(stderr_before.get()) + 2, limits.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    hosted.run();
    other.join();
    ::dup2(stderr_before.get(), STDERR_FILENO);
    CHECK(hosted.result.end == (stop ? End::cancelled : End::returned));
}
#endif

TEST_CASE("secret() gives what the service names, and nothing else", "[host]") {
    const auto asked = [](const std::string& name) {
        Hosted hosted("secret", R"("with":{"do":"secret","name":")" + name + "\"}");
        hosted.call.environment = {"PATH=/usr/bin:/bin", "TOKEN=abc=d", "TOKEN_2=other", "EMPTY="};
        hosted.call.secrets = {"TOKEN", "EMPTY", "ABSENT"};
        hosted.run();
        return hosted.emitted("secret");
    };
    CHECK(asked("TOKEN") == "\"is abc=d\"");
    CHECK(asked("TOKEN_2") == "\"none\"");
    CHECK(asked("EMPTY") == "\"is \"");
    CHECK(asked("ABSENT") == "\"none\"");
    CHECK(asked("PATH") == "\"none\"");
    CHECK(asked("") == "\"none\"");
}

TEST_CASE("mask() is heard before what holds the secret", "[host]") {
    Hosted hosted("fetch secret", R"("with":{"do":"fetch secret","half":"one"})");
    const auto& result = hosted.run();
    CHECK(result.status == IAC_OK);
    REQUIRE(hosted.said.size() == 2);
    CHECK(hosted.said[0] == "mask one-of-a-fetched-secret");
    CHECK(hosted.said[1] == "1 logged: one-of-a-fetched-secret");

    Hosted most("mask many", R"("with":{"do":"mask many","times":100})");
    CHECK(most.run().status == IAC_OK);
    Hosted more("mask many", R"("with":{"do":"mask many","times":101})");
    CHECK(more.run().status == IAC_INTERNAL);
    CHECK_THAT(more.result.message, Contains("more than 100 secrets"));
}

TEST_CASE("what a plugin logs in one call is bounded", "[host]") {
    Hosted many("log many", R"("with":{"do":"log many","times":5000})");
    many.run();
    REQUIRE(many.said.size() == 1'001);
    CHECK(many.said[999] == "1 line 999");
    CHECK_THAT(many.said[1'000], StartsWith("2 more than 1000 log lines"));

    Hosted text("log long", R"("with":{"do":"log long","text":"x"})");
    text.run();
    REQUIRE(text.said.size() == 1);
    CHECK(text.said[0] == "1 " + std::string(4'096, 'x'));
    // Three bytes each: 4096 is within the 1366th.
    Hosted wide("log long", R"("with":{"do":"log long","text":"\u20ac"})");
    wide.run();
    REQUIRE(wide.said.size() == 1);
    CHECK(wide.said[0].size() == 2 + 4'095);
}

}  // namespace iac::plugin

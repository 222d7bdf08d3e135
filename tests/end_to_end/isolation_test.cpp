// What a plugin and the programs it runs can do to the daemon and to other steps: nothing.
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <set>

#include "end_to_end/world.hpp"

using namespace iac::tests;
using Catch::Contains;
using Catch::StartsWith;
using SteadyClock = std::chrono::steady_clock;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::string fileText(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// All processes whose environment holds the text, and all plugin hosts of the daemon, with
/// whatever they forked: those keep its command line.
std::set<std::string> processesOf(const std::string& environment, pid_t daemon) {
    const std::string host = "--call" + std::string(1, '\0') + std::to_string(daemon) + '\0';
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        const std::string command = fileText(entry.path() / "cmdline");
        if (fileText(entry.path() / "environ").find(environment) != std::string::npos ||
            (command.find("plugin-host") != std::string::npos &&
             command.find(host) != std::string::npos))
            found.insert(name + " " + command);
    }
    return found;
}

/// Bytes, from /proc/PID/status: "VmHWM:   51200 kB".
std::int64_t memory(pid_t pid, const std::string& line) {
    const std::string status = fileText("/proc/" + std::to_string(pid) + "/status");
    return std::stoll(status.substr(status.find(line + ":") + line.size() + 1)) * 1024;
}

/// Asks for /health all the time, from another thread.
class HealthWatch {
public:
    explicit HealthWatch(const Daemon& daemon)
        : thread_([this, &daemon] {
              while (stop_.count() == 0) {
                  const auto begin = SteadyClock::now();
                  try {
                      daemon.request("GET", "/health");
                      ++answers;
                  } catch (const std::exception&) {
                      ++failures;
                  }
                  worst = std::max(worst, SteadyClock::now() - begin);
                  stop_.waitUntil(0, SteadyClock::now() + std::chrono::milliseconds(50));
              }
          }) {}
    ~HealthWatch() { end(); }
    void end() {
        if (!thread_.joinable()) return;
        stop_.ring();
        thread_.join();
    }

    // To be read after end().
    int answers = 0, failures = 0;
    SteadyClock::duration worst{0};

private:
    iac::Bell stop_;
    std::thread thread_;
};

constexpr const char* kServices = R"(
  - { id: plugin/segfault, executor: actor, with: { do: segfault } }
  - { id: plugin/abort, executor: actor, with: { do: abort } }
  - { id: plugin/exit-0, executor: actor, with: { do: exit 0 } }
  - { id: plugin/exit-3, executor: actor, with: { do: exit 3 } }
  - { id: plugin/throw, executor: actor, with: { do: throw } }
  - { id: plugin/descriptor, executor: actor, with: { do: write on descriptor } }
  - { id: plugin/left, executor: actor, with: { do: leave } }
  - { id: plugin/left-crash, executor: actor, with: { do: leave and crash } }
  - { id: plugin/left-exit, executor: actor, with: { do: leave and exit } }
  - { id: plugin/loop, executor: hasty, with: { do: loop } }
  - { id: plugin/stubborn, executor: hasty, with: { do: stubborn } }
  - { id: plugin/stopped, executor: hasty, with: { do: stop itself } }
  - { id: plugin/left-hang, executor: hasty, with: { do: leave and hang } }
  - { id: plugin/flood, executor: actor, with: { do: flood, megabytes: 100 } }
  - { id: plugin/memory, executor: small, with: { do: eat memory } }
  - id: program/segfault
    executor: command
    with: { shell: "kill -SEGV $$" }
  - id: program/flood
    executor: command
    with: { shell: "echo the beginning; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo the end; exit 3" }
  - id: program/daemon
    executor: command
    with: { shell: "setsid sh -c 'trap \"\" TERM HUP; sleep 1000; sleep 1000' & echo started; exit 3" }
  - id: program/stubborn
    executor: hasty-command
    with: { shell: "trap '' TERM HUP INT; echo waiting; while true; do sleep 1; done" }
  - id: program/stopped
    executor: hasty-command
    with: { shell: "kill -STOP $$; sleep 1000" }
  - id: program/endless-flood
    executor: hasty-command
    with: { command: [sh, -c, "yes no"] }
  - id: program/memory
    executor: small-command
    with: { command: [python3, -c, "x = 'x' * 2 ** 30"] }
)";

class Isolation {
public:
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    std::unique_ptr<Daemon> daemon;

    Isolation() {
        std::filesystem::create_directory(folder.path() / "plugins");
        std::filesystem::copy_file(std::filesystem::path(IAC_BUILD_DIR) / "tests/plugins/actor.so",
                                   folder.path() / "plugins/actor.so");
        std::filesystem::permissions(folder.path() / "plugins/actor.so",
                                     std::filesystem::perms::owner_all);
        for (const auto& pipe : {gate_, started_}) REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
        daemon = std::make_unique<Daemon>(folder.path(), text());
        // A step in the other environment, from before the first bad step until after the last.
        calm_ = idOf(daemon->signedPost(
            "/sync", R"({"services":["calm"],"env":"production","wait":false})"));
        std::string line;
        std::ifstream started(started_);
        std::getline(started, line);
        before_ = processes();
        REQUIRE(before_.size() == 2);  // its plugin host, and its shell
        health_.emplace(*daemon);
    }

    struct Ended {
        std::string status, summary, error_kind;
        std::int64_t deployment = 0;
    };
    /// Deploys one service, and looks at what is left of it.
    Ended deploy(const std::string& service) {
        const Reply reply = daemon->signedPost("/sync", R"({"services":[")" + service + R"("]})");
        INFO(reply.body << "\n" << daemon->log());
        const auto step =
            daemon->get(reply.at("status_url")).json()->getArray("steps")->getObject(0);
        CHECK(processes() == before_);
        return {step->getValue<std::string>("status"), step->optValue<std::string>("summary", ""),
                step->optValue<std::string>("error_kind", ""), idOf(reply)};
    }
    /// The same for a step that has to fail, with one sentence that says why.
    Ended fails(const std::string& service, const std::string& kind, const std::string& sentence) {
        CAPTURE(service);
        const Ended ended = deploy(service);
        CHECK(ended.status == "failed");
        CHECK(ended.error_kind == kind);
        CHECK_THAT(ended.summary, StartsWith(sentence));
        CHECK(ended.summary.find('\n') == std::string::npos);
        return ended;
    }
    std::string logOf(const Ended& ended) const {
        return daemon->get("/deployments/" + std::to_string(ended.deployment) + "/log").body;
    }

    /// The other environment's step, and the daemon, have noticed nothing.
    void checkUntouched() {
        health_->end();
        CHECK(health_->answers > 0);
        CHECK(health_->failures == 0);
        CHECK(health_->worst < std::chrono::seconds(kSanitized ? 10 : 2));
        CHECK(daemon->get("/deployments/" + std::to_string(calm_)).at("status") == "running");
        std::ofstream(gate_) << "go\n";
        const auto calm = daemon->awaitDeployment(calm_);
        CHECK(calm->getValue<std::string>("status") == "success");
        CHECK_THAT(daemon->get("/deployments/" + std::to_string(calm_) + "/log").body,
                   Contains("still calm\n"));
        CHECK(daemon->request("GET", "/health").status == 200);
    }

private:
    std::string text() const {
        const std::string secret = "\"" + std::string(kSecret) + "\"";
        return "server:\n  listen: 127.0.0.1:0\n  secret: " + secret +
               "\n  limits: { step_output: 1MiB }\n"
               "data: ./data\n"
               "plugins: [ " +
               IAC_BUILD_DIR + "/lib/iac-runner/plugins, ./plugins ]\n" +
               "repository: { url: " + infrastructure.folder().string() + ", branch: main }\n" +
               "environments:\n  staging: { variables: { ISOLATION_TEST: " +
               folder.path().string() +
               " } }\n  production: { variables: { ISOLATION_TEST: " + folder.path().string() +
               " } }\n"
               "triggers: { manual: { plugin: iac.manual, with: { secret: " +
               secret +
               ", wait: 120 } } }\n"
               "engine: { steps_at_once: 4 }\n"
               "executors:\n"
               "  actor: { plugin: test.actor }\n"
               "  hasty: { plugin: test.actor, timeout: 1s, grace: 500ms }\n"
               "  small: { plugin: test.actor, memory: 512MiB }\n"
               "  command: { plugin: iac.command }\n"
               "  hasty-command: { plugin: iac.command, timeout: 1s, grace: 500ms }\n"
               "  small-command: { plugin: iac.command, memory: 512MiB }\n"
               "services:" +
               kServices + "  - id: calm\n    executor: command\n    with: { shell: \"echo > " +
               started_.string() + "; read line < " + gate_.string() + "; echo still calm\" }\n";
    }
    std::set<std::string> processes() const {
        return processesOf("ISOLATION_TEST=" + folder.path().string(), daemon->pid());
    }

    const std::filesystem::path gate_ = folder.path() / "gate",
                                started_ = folder.path() / "started";
    std::int64_t calm_ = 0;
    std::set<std::string> before_;
    std::optional<HealthWatch> health_;
};

}  // namespace

TEST_CASE("a plugin that dies fails its step alone", "[isolation]") {
    Isolation world;
    world.fails("plugin/segfault", "plugin_crashed", "test.actor crashed: Segmentation fault (/");
    world.fails("plugin/abort", "plugin_crashed", "test.actor crashed: Aborted (/");
    world.fails("plugin/exit-0", "plugin_crashed",
                "test.actor ended the process with exit code 0 (/");
    world.fails("plugin/exit-3", "plugin_crashed",
                "test.actor ended the process with exit code 3 (/");
    world.fails("plugin/throw", "plugin_crashed", "test.actor (/");
    world.fails("plugin/descriptor", "plugin_crashed", "test.actor (/");
    world.fails("plugin/left-crash", "plugin_crashed", "test.actor crashed: Segmentation fault (/");
    world.fails("plugin/left-exit", "plugin_crashed",
                "test.actor ended the process with exit code 0 (/");
    world.checkUntouched();
}

TEST_CASE("a plugin that never ends is ended, whatever it ignores", "[isolation]") {
    Isolation world;
    const std::string sentence = "test.actor was killed after 1s: it did not end in time, and";
    for (const char* service :
         {"plugin/loop", "plugin/stubborn", "plugin/stopped", "plugin/left-hang"})
        world.fails(service, "timeout", sentence);
    world.checkUntouched();
}

TEST_CASE("a program that a step runs fails its step alone", "[isolation]") {
    Isolation world;
    world.fails("program/segfault", "signal", "the shell command was ended by signal 11 (SIGSEGV)");
    world.fails("program/daemon", "step_failed", "the shell command ended with exit code 3");
    for (const char* service : {"program/stubborn", "program/stopped", "program/endless-flood"})
        world.fails(service, "timeout", "iac.command was stopped after 1s: it did not end in time");
    world.checkUntouched();
}

TEST_CASE("a process that a step leaves behind is ended with it", "[isolation]") {
    Isolation world;
    CHECK(world.deploy("plugin/left").status == "changed");
    world.checkUntouched();
}

TEST_CASE("of a flood the beginning and the end are kept, and the daemon does not grow",
          "[isolation]") {
    Isolation world;
    world.fails("program/segfault", "signal", "the shell command");  // what is needed once is there
    const pid_t daemon = world.daemon->pid();
    std::ofstream("/proc/" + std::to_string(daemon) + "/clear_refs") << "5";  // VmHWM begins anew
    const auto before = memory(daemon, "VmRSS");

    const auto flood =
        world.fails("program/flood", "step_failed", "the shell command ended with exit code 3");
    const std::string log = world.logOf(flood);
    CHECK(log.size() > (1u << 20));
    CHECK(log.size() < (1u << 20) + 4096);
    CHECK_THAT(log.substr(0, 200), Contains("the beginning\n"));
    CHECK_THAT(log, Contains(" bytes are left out here ...\n"));
    CHECK_THAT(log.substr(log.size() - 200), Contains("the end\n"));

    const auto plugin = world.deploy("plugin/flood");
    CHECK(plugin.status == "changed");
    CHECK(world.logOf(plugin).size() < (1u << 20) + 4096);

    // A sanitizer keeps what was freed for a while, so that its use is noticed.
    const auto growth = memory(daemon, "VmHWM") - before;
    INFO("grew by " << growth << " bytes");
    if (!kSanitized) CHECK(growth < (8 << 20));
    world.checkUntouched();
}

// RLIMIT_AS cannot be set under a sanitizer, which reserves terabytes of address space.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("what takes more memory than its executor may fails its step alone", "[isolation]") {
    Isolation world;
    world.fails("plugin/memory", "out_of_memory", "test.actor (/");
    world.fails("program/memory", "out_of_memory", "python3 ended with exit code 1: MemoryError");
    world.checkUntouched();
}
#endif

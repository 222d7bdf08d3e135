// Who is told, and what becomes of it when the daemon or the notifier is gone for a while.
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "end_to_end/world.hpp"

using namespace iac::tests;
using Catch::Contains;

namespace {

/// An infrastructure, and a notifier that writes down what it is told and does what its mood says.
struct NotifyingWorld {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    std::filesystem::path told = folder / "told", mood = folder / "mood", gate = folder / "gate";

    NotifyingWorld() {
        REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
        std::filesystem::create_directory(folder / "plugins");
        std::filesystem::copy(std::filesystem::path(IAC_BUILD_DIR) / "tests/plugins/scribe.so",
                              folder / "plugins");
    }
    std::string text() const {
        const auto shipped = std::filesystem::path(IAC_BUILD_DIR) / "lib/iac-runner/plugins";
        return configuration(infrastructure.folder(),
                             "  - name: scribe\n    plugin: test.scribe\n    events: [finished]\n"
                             "    with: { file: " +
                                 told.string() + ", mood: " + mood.string() + " }\n" +
                                 "plugins: [ " + shipped.string() + ", " +
                                 (folder / "plugins").string() + " ]\n");
    }
    /// Never half written: the notifier may read it at any time.
    void setMood(const std::string& to) const {
        iac::fixtures::writeFile(folder / "mood.new", to + "\n");
        std::filesystem::rename(folder / "mood.new", mood);
    }
    /// How often it was told of a deployment.
    std::ptrdiff_t timesTold(std::int64_t id) const {
        const auto all = iac::fixtures::readFile(told);
        const std::string sign = R"("deployment":{"id":)" + std::to_string(id) + ",";
        std::ptrdiff_t times = 0;
        for (auto at = all.find(sign); at != std::string::npos; at = all.find(sign, at + 1))
            ++times;
        return times;
    }
};

std::int64_t deploy(Daemon& daemon, const std::string& service) {
    const auto reply = daemon.signedPost("/sync", R"({"services":[")" + service + R"("]})");
    CHECK(reply.at("status") == "success");
    return idOf(reply);
}

std::string writtenDown(std::int64_t id) {
    return "deployment.finished of " + std::to_string(id) + " is written down";
}

}  // namespace

TEST_CASE(
    "a daemon killed before and between delivery and mark delivers once more at most, never "
    "not at all",
    "[notify]") {
    const NotifyingWorld world;
    world.setMood("wait " + world.gate.string());
    std::int64_t delivered = 0, waiting = 0;
    std::ofstream open;
    {
        Daemon daemon(world.folder.path(), world.text());
        delivered = deploy(daemon, "postgres");
        open.open(world.gate);  // goes on when the notifier has told it, and waits at the gate
        waiting = deploy(daemon, "redis");
        daemon.kill();
    }
    CHECK(world.timesTold(delivered) == 1);
    CHECK(world.timesTold(waiting) == 0);
    world.setMood("");
    Daemon again(world.folder.path(), world.text());
    CHECK(again.awaitLog(writtenDown(delivered)));
    CHECK(again.awaitLog(writtenDown(waiting)));
    CHECK(again.stop() == iac::Exit{0});
    CHECK(world.timesTold(delivered) == 2);
    CHECK(world.timesTold(waiting) == 1);
}

TEST_CASE("a notifier that is down for a while is told when it is back, and delays no deployment",
          "[notify]") {
    const NotifyingWorld world;
    world.setMood("retry");
    Daemon daemon(world.folder.path(), world.text());
    const auto first = deploy(daemon, "postgres");
    REQUIRE(daemon.awaitLog("was not delivered, and is tried again: it is down"));
    const auto shown = [&] { return daemon.get("/deployments/" + std::to_string(first)).body; };
    const std::string sign = R"({"notifier":"scribe","event":"deployment.finished","state":)";
    CHECK_THAT(shown(), Contains(sign + "\"waiting\"") && Contains("it is down. Wait for it."));
    const auto second = deploy(daemon, "redis");
    world.setMood("");
    CHECK(daemon.awaitLog(writtenDown(first)));
    CHECK(daemon.awaitLog(writtenDown(second)));
    CHECK(daemon.awaitLog("scribe: messages are delivered again"));
    const auto log = daemon.log();
    const auto line = log.find("was not delivered");
    CHECK(log.find("was not delivered", line + 1) == std::string::npos);
    CHECK(world.timesTold(first) == 1);
    CHECK(world.timesTold(second) == 1);
    // A message is marked before the next one goes out.
    REQUIRE(daemon.awaitLog(writtenDown(deploy(daemon, "minio"))));
    CHECK_THAT(shown(), Contains(sign + "\"delivered\""));
}

TEST_CASE("notify test sends a sample of every state, without a daemon", "[notify]") {
    const NotifyingWorld world;
    const auto file = world.folder / "iac-runner.yaml";
    iac::fixtures::writeFile(file, world.text());
    const auto send = [&](const std::string& name) {
        return runCommand({"--config", file.string(), "notify", "test", name});
    };
    const auto well = send("scribe");
    INFO(well.err);
    CHECK(well.exit_code == 0);
    for (const char* name : {"queued", "started", "success", "failed", "cancelled", "recovered"})
        CHECK_THAT(well.out, Contains(std::string(name) + " "));
    CHECK_THAT(well.out, Contains("recovered  delivered: it was taken: deployment.recovered\n"));

    world.setMood("fail deployment.started");
    const auto badly = send("scribe");
    CHECK(badly.exit_code == 1);
    CHECK_THAT(badly.out,
               Contains("started    not delivered: it does not like deployment.started\n"));
    CHECK_THAT(badly.out, Contains("success    delivered"));

    const auto unknown = send("slack");
    CHECK(unknown.exit_code == 2);
    CHECK_THAT(unknown.err, Contains("\"slack\" is not a notifier of the configuration (there "
                                     "are: iac.log, scribe)"));
}

#include "notify/input.hpp"

#include "history/step_log.hpp"
#include "world.hpp"

using namespace iac;
using test::World;

TEST_CASE("the pages of a repository are found from every form of its url", "[input]") {
    const std::string pages = "https://github.com/owner/name";
    for (const char* url :
         {"https://github.com/owner/name.git", "https://github.com/owner/name",
          "https://user:pass@github.com/owner/name.git/", "https://token@github.com:443/owner/name",
          "ssh://git@github.com/owner/name.git", "ssh://git@github.com:22/owner/name.git",
          "ssh://git@ssh.github.com:443/owner/name.git", "git@github.com:owner/name.git",
          "github.com:owner/name"}) {
        INFO(url);
        CHECK(notify::webAddress(url) == pages);
    }
    CHECK(notify::webAddress("https://git.example.com:8443/a/b/c.git") ==
          "https://git.example.com:8443/a/b/c");
    for (const char* url : {"/srv/git/infrastructure", "./here", "here", "file:///srv/git/x",
                            "https://github.com", "https://[bad", ""}) {
        INFO(url);
        CHECK(notify::webAddress(url).empty());
    }
}

TEST_CASE("an url is shown without user and password", "[input]") {
    CHECK(notify::withoutUser("https://user:p@ss@host/a@b") == "https://host/a@b");
    CHECK(notify::withoutUser("https://host/a@b") == "https://host/a@b");
    CHECK(notify::withoutUser("git@github.com:owner/name") == "git@github.com:owner/name");
    CHECK(notify::withoutUser("/srv/git") == "/srv/git");
}

namespace {

/// The log of a failed step's second attempt; what logTail() makes of it.
std::string tailOf(const std::string& text) {
    const fixtures::Folder data;
    Step well, failed;
    well.state = StepState::changed;
    failed.id = 9;
    failed.state = StepState::failed;
    failed.attempts.resize(2);
    failed.attempts[1].number = 2;
    Deployment deployment;
    deployment.id = 4;
    deployment.steps = {well, failed};
    fixtures::writeFile(history::stepLogFile(data.path(), 4, 9, 2), text);
    return notify::logTail(data.path(), deployment);
}

}  // namespace

TEST_CASE("the tail of a log is the last lines that fit, whole", "[input]") {
    const std::string line = std::string(99, 'x') + "\n";
    CHECK(tailOf("one\ntwo\n") == "one\ntwo\n");
    CHECK(tailOf("").empty());
    std::string many;
    for (int i = 0; i < 100; ++i) many += line;
    const auto tail = tailOf(many);
    CHECK(tail.size() == notify::kLogTail / line.size() * line.size());
    CHECK(tail.ends_with(line));
    const std::string fits(notify::kLogTail - 1, 'y');
    CHECK(tailOf(fits + "\n") == fits + "\n");
    CHECK(tailOf("before\n" + fits + "\n") == fits + "\n");
}

TEST_CASE("a line that is longer than the tail is cut where a character begins", "[input]") {
    std::string text;
    while (text.size() < 3 * notify::kLogTail) text += "\u00e9";
    for (const char* before : {"", "z"}) {
        const auto tail = tailOf(before + text);
        CHECK(tail.size() <= notify::kLogTail + 1);
        CHECK(tail.size() >= notify::kLogTail - 1);
        CHECK(tail.find("\uFFFD") == std::string::npos);
    }
    CHECK(tailOf("broken \xff\n") == "broken \uFFFD\n");
}

TEST_CASE("without a failed step, or its log, there is no tail", "[input]") {
    Deployment deployment;
    CHECK(notify::logTail("/nowhere", deployment).empty());
    deployment.steps.resize(1);
    deployment.steps[0].state = StepState::failed;
    CHECK(notify::logTail("/nowhere", deployment).empty());
    deployment.steps[0].attempts.resize(1);
    CHECK(notify::logTail("/nowhere", deployment).empty());
}

TEST_CASE("the previous revision is what was good before, however late it is asked", "[input]") {
    World world;
    const auto revision = [](char c) { return std::string(40, c); };
    const auto first = world.deploy(StepState::changed, "", revision('a'));
    const auto failed = world.deploy(StepState::failed, "timeout", revision('b'));
    const auto second = world.deploy(StepState::changed, "", revision('c'));
    const auto same = world.deploy(StepState::unchanged, "", revision('c'));
    const auto previous = [&](DeploymentId id) {
        return notify::previousRevision(world.history, *world.history.deployment(id));
    };
    CHECK(previous(first).empty());
    CHECK(previous(failed) == revision('a'));
    CHECK(previous(second) == revision('a'));
    CHECK_FALSE(previous(same) == revision('c'));
}

TEST_CASE("the input of a notifier has every member, and is valid whatever is in it", "[input]") {
    World world;
    Deployment deployment;
    deployment.id = 42;
    deployment.subject = "a \"quoted\" \xff subject\n";
    const auto text = notify::inputOf({"17", "deployment.finished", false, deployment,
                                       std::string(40, 'b'), "a \xc3 tail\n", "C1:\"17\""},
                                      notify::surroundingsOf(world.settings));
    const auto input = Poco::JSON::Parser().parse(text).extract<Poco::JSON::Object::Ptr>();
    CHECK(input->getValue<std::string>("notification") == "17");
    CHECK(input->getValue<std::string>("event") == "deployment.finished");
    CHECK_FALSE(input->getValue<bool>("sample"));
    CHECK(input->getObject("deployment")->getValue<int>("id") == 42);
    CHECK(input->getObject("deployment")->getValue<std::string>("log_url") ==
          "/deployments/42/log");
    const auto repository = input->getObject("repository");
    CHECK(repository->getValue<std::string>("url") ==
          "https://git.example.com/team/infrastructure.git");
    CHECK(repository->getValue<std::string>("web") ==
          "https://git.example.com/team/infrastructure");
    CHECK(repository->getValue<std::string>("previous_revision") == std::string(40, 'b'));
    CHECK(input->getValue<std::string>("public_url") == "https://deploy.example.com");
    CHECK(input->getValue<std::string>("log_tail") == "a \uFFFD tail\n");
    CHECK(input->getValue<std::string>("memory") == "C1:\"17\"");
}

// The truth about a deployment: real git, the real history, the mapper that ships.
#include <catch2/catch.hpp>

#include "unit/engine/world.hpp"

using namespace iac;
using tests::World;

TEST_CASE("a first push deploys what it touched, not everything", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    CHECK(world.planned(world.push(world.first, second, {})) == "+platform/redis ");
}

TEST_CASE("a push whose delivery was missed is caught up by the next one", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"libs/common.py", "2"}});
    CHECK(world.planned(world.push(world.first, second, {})) ==
          "+platform/postgres +platform/redis ");
    world.remote.commit({{"platform/01.postgres/compose.yaml", "3"}});
    const auto third = world.remote.commit({{"README.md", "3"}});
    CHECK(world.planned(world.push(second, third, {"README.md"})) == "+platform/postgres ");
}

TEST_CASE("the revision is told before the plan is made", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    const auto deployment = world.started(world.push(world.first, second, {}));
    const auto stops = [](const std::string& revision) { throw std::runtime_error(revision); };
    CHECK_THROWS_WITH(world.preparation.prepare(deployment, world.cancel, stops), second);
    CHECK(world.newest.latest() == nullptr);
}

TEST_CASE("a target whose last deployment failed is deployed again by the next push",
          "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    CHECK(world.planned(world.push(world.first, second, {}), StepState::failed) ==
          "+platform/redis ");
    const auto third = world.remote.commit({{"README.md", "3"}});
    CHECK(world.planned(world.push(second, third, {"README.md"})) == "+platform/redis ");
}

TEST_CASE("a push that arrives late never takes a target backwards", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    const auto third = world.remote.commit({{"platform/02.redis/compose.yaml", "3"}});
    CHECK(world.planned(world.push(second, third, {"platform/02.redis/compose.yaml"})) ==
          "+platform/redis ");
    CHECK(world.planned(world.push(world.first, second, {"platform/02.redis/compose.yaml"})) ==
          "-platform/redis ");
}

TEST_CASE("an older push that took over a newer one deploys the newer revision", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/01.postgres/compose.yaml", "2"}});
    const auto third = world.remote.commit({{"platform/02.redis/compose.yaml", "3"}});
    REQUIRE(
        world.history.admit(world.push(second, third, {"platform/02.redis/compose.yaml"}), Plan{})
            .deployment != 0);
    const Deployment late =
        world.started(world.push(world.first, second, {"platform/01.postgres/compose.yaml"}));
    const auto prepared = world.preparation.prepare(late, world.cancel);
    CHECK(prepared.revision == third);
    CHECK(prepared.plan.services.size() == 2);
}

TEST_CASE("a force push is measured by what git says, not by the payload", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"libs/common.py", "2"}});
    world.planned(world.push(world.first, second, {}));
    world.remote.git({"reset", "--quiet", "--hard", world.first});
    const auto other =
        world.remote.commit({{"libs/common.py", "2"}, {"platform/01.postgres/compose.yaml", "2"}});
    auto event = world.push(second, other, {});
    CHECK(world.planned(event) == "+platform/postgres ");
}

TEST_CASE("a service that a push removes is skipped and says so", "[preparation]") {
    World world;
    world.remote.git({"rm", "--quiet", "-r", "platform/02.redis"});
    const auto second = world.remote.commit({});
    CHECK(world.planned(world.push(world.first, second, {"platform/02.redis/deploy.py"})) ==
          "-platform/redis ");
}

TEST_CASE("a ref that nobody has ends with a sentence", "[preparation]") {
    World world;
    Event event;
    event.trigger = "manual";
    event.environment = "staging";
    std::string sentence;
    SECTION("that names it") {
        event.ref = "v9.9.9";
        sentence = "v9.9.9";
    }
    SECTION("that says how a commit is asked for") {
        event.ref = "deadbee";
        sentence = "full SHA in lower case";
    }
    SECTION("that says that it was a tag") {
        event.ref = event.tag = "deadbee";
        sentence = "there is no tag \"deadbee\"";
    }
    CHECK_THROWS_WITH(world.preparation.prepare(world.started(event), world.cancel),
                      Catch::Contains(sentence));
}

TEST_CASE("a service that is asked for and not there at the revision fails the deployment",
          "[preparation]") {
    World world;
    Event event;
    event.trigger = "manual";
    event.environment = "staging";
    event.ref = "main";
    event.services = {"platform/mysql"};
    CHECK_THROWS_WITH(
        world.preparation.prepare(world.started(event), world.cancel),
        Catch::Contains("platform/mysql") && Catch::Contains("platform/postgres, platform/redis"));
}

TEST_CASE("preparation deploys an older commit when the branch was reset to it", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    SECTION("by one commit") {
        CHECK(world.planned(world.push(world.first, second, {})) == "+platform/redis ");
        world.remote.git({"reset", "--quiet", "--hard", world.first});
        CHECK(world.planned(world.push(second, world.first, {})) == "+platform/redis ");
    }
    SECTION("by several, for each service that differs") {
        const auto third = world.remote.commit({{"platform/01.postgres/compose.yaml", "3"}});
        CHECK(world.planned(world.push(world.first, second, {})) == "+platform/redis ");
        CHECK(world.planned(world.push(second, third, {})) == "+platform/postgres ");
        world.remote.git({"reset", "--quiet", "--hard", world.first});
        CHECK(world.planned(world.push(third, world.first, {})) ==
              "+platform/postgres +platform/redis ");
    }
    SECTION("and to a side line that the old head does not contain") {
        CHECK(world.planned(world.push(world.first, second, {})) == "+platform/redis ");
        world.remote.git({"reset", "--quiet", "--hard", world.first});
        const auto other = world.remote.commit({{"README.md", "other"}});
        CHECK(world.planned(world.push(second, other, {"README.md"})) == "+platform/redis ");
    }
}

TEST_CASE("preparation plans a change of paths that are not UTF-8", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/caf\xe9.txt", "2"},
                                             {"\xff\xfe", "2"},
                                             {"platform/01.postgres/b\\s", "2"}});
    CHECK(world.planned(world.push(world.first, second, {})) ==
          "+platform/postgres +platform/redis ");
    const auto third = world.remote.commit({{"platform/02.redis/caf\xe9.txt", "3"}});
    CHECK(world.planned(world.push(second, third, {})) == "+platform/redis ");
    CHECK(world.history.deployment(2)->plan.services.front().reason.find("caf\\351.txt") !=
          std::string::npos);
}

TEST_CASE("preparation deploys the configured branch when a tag has its name", "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    world.remote.git({"tag", "main", world.first});
    Event event;
    event.trigger = "manual";
    event.environment = "staging";
    event.ref = "main";
    CHECK(world.preparation.prepare(world.started(event), world.cancel).revision == second);
}

TEST_CASE("preparation deploys the reset branch when a reset takes over the push it undoes",
          "[preparation]") {
    World world;
    const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
    REQUIRE(world.history.admit(world.push(world.first, second, {}), Plan{}).deployment != 0);
    world.mirror.fetch();
    world.remote.git({"reset", "--quiet", "--hard", world.first});
    const Deployment reset = world.started(world.push(second, world.first, {}));
    REQUIRE(reset.taken_over == std::vector{second});
    CHECK(world.preparation.prepare(reset, world.cancel).revision == world.first);
}

TEST_CASE("preparation deploys the head of the branch when a push names another commit",
          "[preparation]") {
    World world;
    SECTION("of another branch") {
        world.remote.git({"checkout", "--quiet", "-b", "feature"});
        const auto feature = world.remote.commit({{"platform/02.redis/compose.yaml", "evil"}});
        world.remote.git({"checkout", "--quiet", "main"});
        const auto deployment = world.started(world.push(world.first, feature, {}));
        CHECK(world.preparation.prepare(deployment, world.cancel).revision == world.first);
    }
    SECTION("that a force push took away after it was fetched") {
        const auto second = world.remote.commit({{"platform/02.redis/compose.yaml", "2"}});
        world.mirror.fetch();
        world.remote.git({"reset", "--quiet", "--hard", world.first});
        const auto third = world.remote.commit({{"README.md", "3"}});
        const auto deployment = world.started(world.push(world.first, second, {}));
        CHECK(world.preparation.prepare(deployment, world.cancel).revision == third);
    }
}

namespace {

struct GatedWorld : World {
    GatedWorld() {
        settings.environments.push_back({"production", {}});
        settings.environments.back().require.succeeded_in = "staging";
    }
    Event ask(const std::string& environment, const std::string& ref,
              std::vector<std::string> services = {}) {
        Event event;
        event.trigger = "manual";
        event.environment = environment;
        event.ref = ref;
        event.services = std::move(services);
        return event;
    }
    void deploy(const Event& event, StepState state = StepState::changed) {
        history.admit(event, Plan{});
        const auto deployment = history.takeNext(event.environment).value();
        carryOut(deployment, preparation.prepare(deployment, cancel), state);
    }
    /// Why production does not take it; empty: it does.
    std::string refused(const std::string& ref, std::vector<std::string> services = {}) {
        history.admit(ask("production", ref, std::move(services)), Plan{});
        const auto deployment = history.takeNext("production").value();
        std::string why;
        try {
            preparation.prepare(deployment, cancel);
        } catch (const engine::CannotDeploy& e) {
            why = e.what();
        }
        history.finish(deployment.id, {DeploymentState::cancelled, {}});
        return why;
    }
};

}  // namespace

TEST_CASE("a gate asks for each service of the plan", "[preparation]") {
    GatedWorld world;
    world.deploy(world.ask("staging", "main", {"platform/redis"}));
    CHECK(world.refused("main", {"platform/redis"}).empty());
    CHECK_THAT(world.refused("main"),
               Catch::Contains("platform/postgres") && !Catch::Contains("platform/redis"));
    SECTION("a service that failed there is not good") {
        world.deploy(world.ask("staging", "main", {"platform/postgres"}), StepState::failed);
        CHECK_THAT(world.refused("main"), Catch::Contains("platform/postgres"));
    }
    SECTION("what has not changed since it was good there is good") {
        world.deploy(world.ask("staging", "main", {"platform/postgres"}));
        world.remote.commit({{"platform/01.postgres/compose.yaml", "2"}});
        CHECK_THAT(world.refused("main"),
                   Catch::Contains("platform/postgres") && !Catch::Contains("platform/redis"));
        world.deploy(world.ask("staging", "main", {"platform/postgres"}));
        CHECK(world.refused("main").empty());
        // libs/ belongs to every service, by the rules of the mapper.
        world.remote.commit({{"libs/common.py", "2"}});
        CHECK_THAT(world.refused("main"),
                   Catch::Contains("platform/postgres") && Catch::Contains("platform/redis"));
        world.remote.commit({{"libs/common.py", "1"}});
        CHECK(world.refused("main").empty());
    }
    SECTION("a service that staging does not have is not asked for there") {
        world.settings.services.push_back({});
        auto& own = world.settings.services.back();
        own.id = "edge/proxy";
        own.executor = "invoke";
        own.environments = {"production"};
        own.with = new Poco::JSON::Object;
        CHECK_FALSE(Catch::Contains("edge/proxy").match(world.refused("main")));
    }
}

TEST_CASE("preparation deploys a push that takes a commit of too many files back",
          "[preparation]") {
    World world;
    std::string object = world.remote.git({"hash-object", "-w", "--stdin"}, "x");
    for (int level = 0; level < 7; ++level) {
        std::string entries;
        for (char name = '0'; name <= '9'; ++name)
            entries += (level == 0 ? "100644 blob " : "040000 tree ") + object + "\t" + name + "\n";
        object = world.remote.git({"mktree"}, entries);
    }
    const auto bomb =
        world.remote.git({"commit-tree", object, "-p", world.first, "-m", "ten million files"});
    const auto tree = world.remote.git({"rev-parse", world.first + "^{tree}"});
    const auto repaired = world.remote.git({"commit-tree", tree, "-p", bomb, "-m", "without them"});
    world.remote.git({"update-ref", "refs/heads/main", bomb});
    CHECK_THROWS_WITH(world.preparation.prepare(world.started(world.push(world.first, bomb, {"0"})),
                                                world.cancel),
                      Catch::Contains("repository.limits.files"));
    world.history.finish(1, {DeploymentState::failed, {}});
    world.remote.git({"update-ref", "refs/heads/main", repaired});
    CHECK(world.planned(world.push(bomb, repaired, {"0"})).starts_with("+platform/postgres"));
}

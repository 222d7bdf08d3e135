// What happens by the clock, over real git, the real history, intake and planner.
#include "upkeep/upkeep.hpp"

#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"
#include "fixtures/git_repository.hpp"
#include "fixtures/hold.hpp"
#include "fixtures/platform.hpp"
#include "upkeep/reconcile.hpp"

using namespace iac;

namespace {

constexpr const char* kRules = R"({"rules": [
    {"path": "platform/*.{name}/**", "service": "platform/{name}"}]})";

/// The clock of the host, which can be put forward.
class MovableClock final : public Clock {
public:
    Time now() const override { return SystemClock().now() + ahead_; }
    void pass(Duration time) { ahead_ += time; }

private:
    Duration ahead_{0};
};

struct World {
    fixtures::Folder folder;
    fixtures::GitRepository remote{folder / "remote"};
    std::string first = remote.commit(
        {{"platform/01.postgres/deploy.py", "1"}, {"platform/02.redis/deploy.py", "1"}});
    MovableClock clock;
    config::Settings settings = makeSettings(folder.path());
    history::History history{folder / "history.db", {}, clock};
    repository::Mirror mirror{{remote.url(), "main", folder / "mirror.git", Duration{60'000}}};
    plugin::Registry registry{{std::filesystem::path(IAC_BUILD_DIR) / "lib/iac-runner/plugins"}};
    std::vector<std::unique_ptr<plugin::Mapper>> mappers;
    planning::CatalogueView newest;
    planning::Planner planner{mappers};
    Masker masker;
    intake::Intake intake{settings, history, newest, planner, {}, masker, clock};
    engine::Preparation preparation{settings, history, mirror, newest, planner, clock};
    engine::Preview preview{settings, preparation, mirror, newest, planner};
    const Cancellation never;

    World() {
        mappers.push_back(
            std::make_unique<plugin::Mapper>(registry.find("mapper", "iac.path-rules"), kRules));
    }
    static config::Settings makeSettings(const std::filesystem::path& data) {
        config::Settings settings;
        settings.data = data;
        settings.repository.branch = "main";
        settings.environments = {{"staging", {}}};
        settings.reconcile.environments = {"staging"};
        settings.services = fixtures::platformServices();
        return settings;
    }
    /// Carries everything out at the head of the branch, without an executor.
    void deployAll(StepState end = StepState::changed) {
        Event event;
        event.trigger = "manual";
        event.environment = "staging";
        event.ref = "refs/heads/main";
        history.admit(event, Plan{});
        const auto taken = history.takeNext("staging").value();
        const auto prepared = preparation.prepare(taken, never);
        const auto steps = history.setPlan(taken.id, prepared.revision, prepared.plan,
                                           {prepared.plan.services.size(), "invoke"});
        for (const auto& step : steps) {
            history.startAttempt(step.id);
            history.finishAttempt(step.id, 1, {end, 0, ""});
            history.finishStep(step.id, {end, "", {}, ""});
        }
        history.finish(
            taken.id,
            {end == StepState::failed ? DeploymentState::failed : DeploymentState::success, {}});
    }
    std::optional<Event> missed() {
        return upkeep::missedChange(settings.environments.front(), "refs/heads/main", preview,
                                    history, clock.now(), never);
    }
};

}  // namespace

TEST_CASE("a push that was never heard of is what was missed", "[upkeep]") {
    World world;
    world.deployAll();
    CHECK_FALSE(world.missed());
    const auto second = world.remote.commit({{"platform/02.redis/deploy.py", "2"}});
    const auto event = world.missed();
    REQUIRE(event);
    CHECK(event->kind == EventKind::change);
    CHECK(event->revision == second);
    CHECK(event->trigger == "reconcile");
    // Someone is on it already.
    world.intake.receive(*event);
    CHECK_FALSE(world.missed());
}

TEST_CASE("what was tried with the head of the branch and failed was not missed", "[upkeep]") {
    World world;
    world.deployAll();
    world.remote.commit({{"platform/02.redis/deploy.py", "2"}});
    world.deployAll(StepState::failed);
    CHECK_FALSE(world.missed());
    world.remote.commit({{"README.md", "2"}});
    CHECK(world.missed());
}

TEST_CASE("nothing that was never deployed is missed", "[upkeep]") {
    World world;
    CHECK_FALSE(world.missed());
}

TEST_CASE("what is held, or stopped by a gate, was not missed", "[upkeep]") {
    World world;
    world.deployAll();
    world.remote.commit({{"platform/02.redis/deploy.py", "2"}});
    SECTION("held") {
        world.history.place(fixtures::holdOf("staging", "platform/redis"));
        CHECK_FALSE(world.missed());
        world.remote.commit({{"platform/01.postgres/deploy.py", "2"}});
        CHECK(world.missed());
    }
    SECTION("stopped by a gate") {
        world.settings.environments.front().require.tag = "v*";
        CHECK_FALSE(world.missed());
    }
}

TEST_CASE("what is due is done when the thread starts: a hold ends, what was missed comes",
          "[upkeep]") {
    World world;
    world.settings.reconcile.interval = Duration{3'600'000};
    world.deployAll();
    const auto second = world.remote.commit({{"platform/02.redis/deploy.py", "2"}});
    auto hold = fixtures::holdOf("staging");
    hold.until = world.clock.now();
    world.history.place(hold);
    auto seen = world.history.queued().count();
    upkeep::Upkeep upkeep(world.settings, world.history, world.intake, world.preview, world.clock);
    upkeep.start();
    // A ring is no promise of a deployment: the row is.
    while (!world.history.takeNext("staging")) seen = world.history.queued().wait(seen);
    CHECK(world.history.holds()->empty());
    CHECK(world.history.deployment(2)->revision == second);
    upkeep.stop();
}

TEST_CASE("a hold ends at its time, and what it held is deployed", "[upkeep]") {
    World world;
    world.deployAll();
    auto hold = fixtures::holdOf("staging");
    hold.until = world.clock.now() + Duration{3'600'000};
    world.intake.hold(hold);
    const auto second = world.remote.commit({{"platform/02.redis/deploy.py", "2"}});
    Event push;
    push.trigger = "github";
    push.kind = EventKind::change;
    push.environment = "staging";
    push.ref = "refs/heads/main";
    push.revision = second;
    push.paths = {"platform/02.redis/deploy.py"};
    REQUIRE(world.intake.receive(push).deployment == 2);
    const auto taken = world.history.takeNext("staging").value();
    const auto prepared = world.preparation.prepare(taken, world.never);
    CHECK(prepared.plan.services.empty());
    world.history.setPlan(taken.id, prepared.revision, prepared.plan, {});
    world.history.finish(taken.id, {DeploymentState::success, {}});
    auto seen = world.history.queued().count();
    world.clock.pass(Duration{3'600'000});
    upkeep::Upkeep upkeep(world.settings, world.history, world.intake, world.preview, world.clock);
    upkeep.start();
    std::optional<Deployment> after;
    while (!(after = world.history.takeNext("staging"))) seen = world.history.queued().wait(seen);
    CHECK(after->trigger == "release");
    const auto plan = world.preparation.prepare(*after, world.never).plan;
    REQUIRE(plan.services.size() == 1);
    CHECK(plan.services[0].service == "platform/redis");
}

TEST_CASE("a freeze that is on holds its environment before anything is deployed", "[upkeep]") {
    World world;
    std::string why;
    world.settings.environments[0].freezes.push_back(
        {*config::Cron::parse("* * * * *", why), Duration{3'600'000}, "always"});
    upkeep::Upkeep upkeep(world.settings, world.history, world.intake, world.preview, world.clock);
    upkeep.placeFreezes();
    REQUIRE(world.history.holds()->size() == 1);
    CHECK(world.history.holds()->front().reason == "always");
    Event event;
    event.trigger = "manual";
    event.environment = "staging";
    event.ref = "v1";
    CHECK_THROWS_WITH(world.intake.receive(event), Catch::Contains("held by the configuration"));
}

TEST_CASE("a freeze that a person released is not placed again, whatever was held since",
          "[upkeep]") {
    World world;
    std::string why;
    world.settings.environments[0].freezes.push_back(
        {*config::Cron::parse("0 0 1 1 *", why), Duration{366 * 86'400'000LL}, "the whole year"});
    upkeep::Upkeep upkeep(world.settings, world.history, world.intake, world.preview, world.clock);
    upkeep.placeFreezes();
    REQUIRE(world.history.holds()->size() == 1);
    world.history.release(world.history.holds()->front().id, "ann", {});
    std::vector<Hold> others;
    for (int i = 0; i < 510; ++i)
        others.push_back(fixtures::holdOf("staging", "service " + std::to_string(i)));
    Event event;
    event.trigger = "api";
    event.environment = "staging";
    world.history.rollBack(event, {}, others);
    upkeep.placeFreezes();
    CHECK(world.history.holds()->size() == others.size());
    // Another window of it is another hold.
    world.clock.pass(Duration{366 * 86'400'000LL});
    upkeep.placeFreezes();
    CHECK(world.history.holds()->size() == others.size() + 1);
}

// Each of them is a new list for whoever looks: a sanitizer fails this when somebody still holds on
// to the one before.
TEST_CASE("holds come and go while the thread looks at them", "[upkeep]") {
    World world;
    upkeep::Upkeep upkeep(world.settings, world.history, world.intake, world.preview, world.clock);
    upkeep.start();
    for (int round = 0; round < 50; ++round) {
        const auto placed = world.history.place(fixtures::holdOf("staging", "platform/redis"));
        world.history.release(placed.id, "ada", {});
    }
    CHECK(world.history.holds()->empty());
    upkeep.stop();
}

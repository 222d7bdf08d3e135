// Lanes over the real history: what becomes of a deployment that nobody carries out.
#include <catch2/catch.hpp>

#include "engine/engine.hpp"
#include "unit/engine/world.hpp"

using namespace iac;

namespace {

struct LaneWorld : tests::World {
    Masker masker;
    engine::Executors executors;
    engine::LaneClaims claims;
    engine::Engine engine{settings,  history, mirror, newest, planner,
                          executors, masker,  clock,  claims};

    /// A deployment that the history calls running, and that no lane knows of.
    DeploymentId abandoned() {
        Event event;
        event.trigger = "manual";
        event.environment = "staging";
        event.ref = "nowhere";
        history.admit(event, Plan{});
        return history.takeNext("staging").value().id;
    }
    Deployment awaitEnd(DeploymentId id) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (true) {
            const auto seen = history.changes().count();
            const auto now = history.deployment(id).value();
            if (isFinal(now.state) || std::chrono::steady_clock::now() > deadline) return now;
            history.changes().waitUntil(seen, deadline);
        }
    }
};

}  // namespace

TEST_CASE("lane rescues a running deployment without an owner, without a restart", "[lane]") {
    LaneWorld world;
    const auto id = world.abandoned();
    SECTION("it runs again") {
        world.engine.succeed();
        CHECK(world.awaitEnd(id).diagnosis.error_kind == "ref_not_found");
    }
    SECTION("or fails, as engine.on_interrupt says") {
        world.settings.engine.on_interrupt = config::OnInterrupt::fail;
        world.engine.succeed();
        CHECK(world.awaitEnd(id).diagnosis.error_kind == "interrupted");
    }
    SECTION("and what waits behind it is carried out") {
        Event event;
        event.trigger = "manual";
        event.environment = "staging";
        event.ref = "main";
        event.services = {"platform/none"};
        const auto behind = world.history.admit(event, Plan{}).deployment;
        world.engine.succeed();
        CHECK(world.awaitEnd(behind).diagnosis.error_kind == "unknown_service");
        CHECK(isFinal(world.history.deployment(id)->state));
    }
}

TEST_CASE("lane leaves alone what the lane of an earlier configuration carries out", "[lane]") {
    LaneWorld world;
    auto claim = world.claims.take("staging");
    const auto id = world.abandoned();
    world.engine.succeed();
    // A deployment of another lane rings; this one must not take it for abandoned.
    const auto before = world.history.changes().count();
    world.history.queued().ring();
    world.history.useNonce("a commit, after which the lane has had its look", world.clock.now());
    world.history.changes().waitUntil(before, std::chrono::steady_clock::now());
    CHECK(world.history.deployment(id)->state == DeploymentState::running);
    claim.reset();
    world.history.queued().ring();
    CHECK(isFinal(world.awaitEnd(id).state));
}

// One deployment after the other through the parts of iac.dokploy, against the fake Dokploy, with
// faults between the two and time that flies. Everything follows from the seed.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "dokploy/world.hpp"
#include "fixtures/folder.hpp"
#include "plugins/fakes/fake_dokploy.hpp"

namespace iac::test {

/// The process of the executor is gone, in the middle of it.
struct Crash {};

/// What goes wrong on the way, each for one request in so many.
struct Faults {
    double no_connection = 0, lost_answer = 0, gateway_before = 0, gateway_after = 0, empty = 0,
           slow = 0, crash = 0, restart = 0, other_writer = 0, other_deployment = 0, cancel = 0;
    static Faults of(int severity);
};

/// The way between the executor and Dokploy.
class FaultyWorld final : public dokploy::World {
public:
    FaultyWorld(std::uint64_t seed, const Faults& faults) : random(seed), faults_(faults) {}

    Reply http(const Request& request) override;
    double now() override { return now_; }
    void pause(double seconds) override;

    /// Time goes by while nobody asks.
    void pass(double seconds);
    bool chance(double probability) {
        return std::uniform_real_distribution<double>(0, 1)(random) < probability;
    }
    int pick(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random); }

    std::mt19937_64 random;
    fakes::Dokploy dokploy{[this] { return now_; }};
    std::string watched;  // the id of the service that is disturbed
    bool disturbing = true;
    bool blind_loss = false;  // somebody wrote between the executor's reading and its writing
    int other_writes = 0;
    int asked = 0;  // requests

private:
    void disturb();
    Reply passOn(const Request& request);

    const Faults faults_;
    double now_ = 1000;
    double away_until_ = 0;
    int written_ = 0, read_at_ = 0;  // versions of the environment
};

/// How the step of one simulated deployment ended, for the runner.
struct Ended {
    enum class How { changed, unchanged, failed, retry, cancelled, crashed } how;
    std::string hash, kind, sentence;
};

/// Carries out one deployment with its attempts, and complains about everything that is not true.
/// The complaint names the seed; empty when all was well.
struct SimulatedDeployment {
    Ended ended;
    std::string complaint;
    int attempts = 0;
};
SimulatedDeployment simulate(std::uint64_t seed);

}  // namespace iac::test

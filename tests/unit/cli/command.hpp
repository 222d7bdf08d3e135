// A command of the command line, run within the test against the real server.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "unit/http/world.hpp"

namespace iac::cli {

/// What a command printed, and its exit code.
struct Ended {
    int code = -1;
    std::string out, err;
};

Ended run(std::vector<std::string> arguments);

/// A configuration for the server of a world: the file.
std::string configuration(const http::World& world, std::uint16_t port,
                          const std::string& secret = http::kSecret);

/// A world whose commands need no --config.
class Desk {
public:
    explicit Desk(std::function<engine::PlanAnswer(const engine::PlanQuestion&)> plan = {})
        : world({}, {}, std::move(plan)), file_(configuration(world, world.port())) {}
    Ended operator()(std::vector<std::string> arguments) const;

    http::World world;

private:
    std::string file_;
};

/// Plays the engine for the next deployment that waits in staging: one step.
void playEngine(http::World& world, StepState outcome);

}  // namespace iac::cli

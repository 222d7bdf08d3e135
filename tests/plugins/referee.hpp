#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/process.hpp"

namespace iac::test {

/// Lets one of tests/plugins/referees judge; fails the test when it complains. Where there is
/// nobody to ask (no node, no registry) it says so, and that is all.
inline void askReferee(const std::string& script, const std::vector<std::string>& arguments) {
    constexpr int kSkipped = 77;
    std::vector<std::string> command{IAC_SOURCE_DIR "/tests/plugins/referees/run",
                                     IAC_BUILD_DIR "/referees", script};
    command.insert(command.end(), arguments.begin(), arguments.end());
    // npm finds its registry and its cache by the environment of whoever runs the tests.
    std::vector<std::string> environment;
    for (char** one = environ; *one != nullptr; ++one) environment.emplace_back(*one);
    std::string said;
    RunLimits limits;
    limits.timeout = Duration{280'000};
    limits.output = [&](int, std::string_view bytes) { said += bytes; };
    const auto end = run({command, environment, {}}, "", limits);
    if (end.exit.code == kSkipped) {
        WARN(said);
        return;
    }
    INFO(said);
    CHECK(end.exit.code == 0);
}

}  // namespace iac::test

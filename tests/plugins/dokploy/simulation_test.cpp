// Thousands of deployments with injected faults: each ends in a true outcome, and none deploys
// twice. IAC_DOKPLOY_DEPLOYMENTS says how many, IAC_DOKPLOY_SEED with which to begin.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>

#include "simulation.hpp"

using namespace iac;

namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

}  // namespace

TEST_CASE("dokploy: every simulated deployment ends in a true outcome, and none deploys twice") {
    const auto count = setting("IAC_DOKPLOY_DEPLOYMENTS", 500);
    const auto first = setting("IAC_DOKPLOY_SEED", 1);
    std::map<std::string, int> ends;
    std::uint64_t repeated = 0, complaints = 0;
    for (auto seed = first; seed < first + count; ++seed) {
        const auto one = test::simulate(seed);
        constexpr const char* kNames[] = {"changed", "unchanged", "failed",
                                          "retry",   "cancelled", "crashed"};
        ++ends[kNames[static_cast<int>(one.ended.how)] +
               (one.ended.kind.empty() ? "" : " " + one.ended.kind)];
        if (one.attempts > 1) ++repeated;
        if (one.complaint.empty()) continue;
        if (++complaints <= 5) FAIL_CHECK(one.complaint);
    }
    CHECK(complaints == 0);
    std::string summary = std::to_string(repeated) + " with more than one attempt\n";
    for (const auto& [how, number] : ends) summary += how + ": " + std::to_string(number) + "\n";
    WARN(count << " deployments\n" << summary);
    // A simulation that meets none of this would prove nothing.
    if (count < 500) return;
    for (const char* how :
         {"changed", "unchanged", "failed deployment_failed", "failed deployment_cancelled",
          "failed deployment_unfinished", "failed dokploy_key"})
        CHECK(ends[how] > 0);
    CHECK(repeated > 0);
}

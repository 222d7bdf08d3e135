#include "upkeep/freezes.hpp"

#include <catch2/catch.hpp>

using namespace iac;
using namespace iac::upkeep;

namespace {

// Monday, 2026-11-23T09:30:00Z; whatever the time zone, whole hours stay whole.
const Time kMonday{Duration{1'795'426'200'000}};
constexpr Duration kMinute{60'000};

/// staging is frozen from every full hour on, for that long.
std::vector<config::Environment> hourly(Duration lasts) {
    std::string why;
    config::Environment staging{"staging", {}};
    staging.freezes.push_back({*config::Cron::parse("0 * * * *", why), lasts, "each hour"});
    return {staging, {"production", {}}};
}

}  // namespace

TEST_CASE("a freeze is a hold of its environment until the end of its window", "[freezes]") {
    const auto holds = freezesNow(hourly(40 * kMinute), kMonday);
    REQUIRE(holds.size() == 1);
    CHECK(holds[0].environment == "staging");
    CHECK(holds[0].service.empty());
    CHECK(holds[0].reason == "each hour");
    CHECK(holds[0].until == kMonday + 10 * kMinute);
}

TEST_CASE("outside of its window there is no freeze", "[freezes]") {
    CHECK(freezesNow(hourly(20 * kMinute), kMonday).empty());
    CHECK(freezesNow(hourly(30 * kMinute), kMonday).empty());  // it ends in this very moment
    CHECK(freezesNow({{"staging", {}}}, kMonday).empty());
}

TEST_CASE("the next freeze is known before it begins", "[freezes]") {
    CHECK(nextFreeze(hourly(kMinute), kMonday) == kMonday + 30 * kMinute);
    CHECK_FALSE(nextFreeze({{"staging", {}}}, kMonday));
}

#include "base/clock.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono;

TEST_CASE("a time is written as RFC 3339 in UTC", "[clock]") {
    const iac::Time time{sys_days{year{2025} / 1 / 24} + 4h + 51min};
    CHECK(iac::toText(time) == "2025-01-24T04:51:00Z");
    CHECK(iac::toText(time + 7ms) == "2025-01-24T04:51:00.007Z");
    CHECK(iac::toText(time + 999ms) == "2025-01-24T04:51:00.999Z");
    CHECK(iac::toText(iac::Time{}) == "1970-01-01T00:00:00Z");
    CHECK(iac::toText(iac::Time{} - 1ms) == "1969-12-31T23:59:59.999Z");
    CHECK(iac::toText(iac::Time{sys_days{year{2024} / 2 / 29}}) == "2024-02-29T00:00:00Z");
}

TEST_CASE("the system's clock tells the time of now", "[clock]") {
    const auto before = floor<milliseconds>(system_clock::now());
    const auto now = iac::SystemClock().now();
    CHECK(before <= now);
    CHECK(now <= system_clock::now());
}

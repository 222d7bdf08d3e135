#include "config/units.hpp"

#include <catch2/catch.hpp>

using namespace iac;
using namespace iac::config;

TEST_CASE("a duration is whole numbers, each with its unit", "[units]") {
    CHECK(parseDuration("500ms") == Duration(500));
    CHECK(parseDuration("30s") == Duration(30'000));
    CHECK(parseDuration("10m") == Duration(600'000));
    CHECK(parseDuration("1h30m") == Duration(5'400'000));
    CHECK(parseDuration("2d") == Duration(172'800'000));
    CHECK(parseDuration("0s") == Duration(0));
    CHECK(parseDuration("1m1s1ms") == Duration(61'001));
}

TEST_CASE("what is no duration is not guessed at", "[units]") {
    for (const auto* text : {"", "10", "m", "10 m", "10M", "-5s", "+5s", "1.5h", "10m5", "10mm",
                             "s10", "10min", "0x10s", "99999999999999999999s"})
        CHECK_FALSE(parseDuration(text).has_value());
}

TEST_CASE("a duration longer than a hundred years is none", "[units]") {
    CHECK(parseDuration("36525d") == Duration(Duration::rep{36'525} * 86'400'000));
    CHECK_FALSE(parseDuration("36526d").has_value());
    CHECK_FALSE(parseDuration("36525d1ms").has_value());
    CHECK_FALSE(parseDuration("9223372036854775807d").has_value());
}

TEST_CASE("a size is a whole number with a unit of 1024", "[units]") {
    CHECK(parseSize("512B") == 512u);
    CHECK(parseSize("1KiB") == 1024u);
    CHECK(parseSize("25MiB") == 25u << 20);
    CHECK(parseSize("1GiB") == 1u << 30);
    CHECK(parseSize("1024TiB") == kLargestSize);
}

TEST_CASE("what is no size is not guessed at", "[units]") {
    for (const auto* text : {"", "25", "25MB", "25M", "25 MiB", "1.5GiB", "-1B", "1GiB5MiB",
                             "1025TiB", "18446744073709551615TiB"})
        CHECK_FALSE(parseSize(text).has_value());
}

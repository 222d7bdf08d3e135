#include "config/cron.hpp"

#include <stdlib.h>
#include <time.h>

#include <catch2/catch.hpp>

using namespace iac;
using config::Cron;

namespace {

// Monday, 2026-11-23T09:30:00Z
const Time kMonday{Duration{1'795'426'200'000}};
constexpr Duration kMinute{60'000}, kHour{3'600'000}, kDay{86'400'000};

struct TimeZone {
    explicit TimeZone(const char* name) {
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    ~TimeZone() {
        ::unsetenv("TZ");
        ::tzset();
    }
};

Cron cronOf(const char* text) {
    std::string why;
    const auto cron = Cron::parse(text, why);
    INFO(why);
    REQUIRE(cron);
    return *cron;
}

std::string next(const char* text) {
    const auto found = cronOf(text).nextAfter(kMonday, 400 * kDay);
    return found ? toText(*found) : "never";
}

}  // namespace

TEST_CASE("a time pattern says when it matches next", "[cron]") {
    const TimeZone utc("UTC");
    CHECK(next("* * * * *") == "2026-11-23T09:31:00Z");
    CHECK(next("30 * * * *") == "2026-11-23T10:30:00Z");
    CHECK(next("*/20 * * * *") == "2026-11-23T09:40:00Z");
    CHECK(next("0 18 * * fri") == "2026-11-27T18:00:00Z");
    CHECK(next("0 18 * * 5-6") == "2026-11-27T18:00:00Z");
    CHECK(next("0 0 * * 7") == "2026-11-29T00:00:00Z");
    CHECK(next("0 0 1 jan *") == "2027-01-01T00:00:00Z");
    CHECK(next("15,45 8-10 * * MON") == "2026-11-23T09:45:00Z");
    // One of the two days is enough, as in crontab(5).
    CHECK(next("0 0 25 * tue") == "2026-11-24T00:00:00Z");
    CHECK(next("0 0 30 feb *") == "never");
}

TEST_CASE("a step beyond its field matches the first number only", "[cron]") {
    const TimeZone utc("UTC");
    const auto [text, expected] = GENERATE(table<const char*, const char*>({
        {"5/2147483647 * * * *", "2026-11-23T10:05:00Z"},
        {"*/60 * * * *", "2026-11-23T10:00:00Z"},
        {"40-59/2147483620 * * * *", "2026-11-23T09:40:00Z"},
        {"0 */24 * * *", "2026-11-24T00:00:00Z"},
        {"0 0 * */99999999999999999999 *", "2027-01-01T00:00:00Z"},
        {"0 0 * * sun/2147483647", "2026-11-29T00:00:00Z"},
    }));
    CAPTURE(text);
    CHECK(next(text) == expected);
}

TEST_CASE("a time pattern says when it matched last", "[cron]") {
    const TimeZone utc("UTC");
    CHECK(toText(cronOf("0 18 * * fri").lastBefore(kMonday, 7 * kDay).value()) ==
          "2026-11-20T18:00:00Z");
    CHECK_FALSE(cronOf("0 18 * * fri").lastBefore(kMonday, kDay));
    CHECK(cronOf("30 9 * * *").lastBefore(kMonday + kMinute / 2, kHour) == kMonday);
    CHECK_FALSE(Cron().lastBefore(kMonday, 7 * kDay));
}

TEST_CASE("a time pattern is one of the host's time zone", "[cron]") {
    const TimeZone berlin("CET-1CEST,M3.5.0,M10.5.0/3");
    CHECK(next("0 12 * * *") == "2026-11-23T11:00:00Z");
}

TEST_CASE("a time pattern in the hour that the clock leaves out matches at the change", "[cron]") {
    const auto [zone, before, text,
                expected] = GENERATE(table<const char*, std::int64_t, const char*, const char*>({
        // 2026-03-29: 02:00 CET is 03:00 CEST (01:00Z). One second before the whole hour 00:00Z.
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1'774'742'399, "30 2 * * *", "2026-03-29T01:00:00Z"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1'774'742'399, "0 2 29 mar *", "2026-03-29T01:00:00Z"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1'774'742'399, "59 1-2 * * *", "2026-03-29T00:59:00Z"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1'774'742'399, "0 3 * * *", "2026-03-29T01:00:00Z"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1'774'742'399, "30 3 * * *", "2026-03-29T01:30:00Z"},
        // What is due every so often goes on as the clock shows.
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1'774'744'200, "30 * * * *", "2026-03-29T01:30:00Z"},
        // 2026-03-08: 02:00 EST is 03:00 EDT (07:00Z).
        {"EST5EDT,M3.2.0,M11.1.0", 1'772'949'600, "15 2 * * sun", "2026-03-08T07:00:00Z"},
        // 2026-10-04, Lord Howe: 02:00 is 02:30 (15:30Z on the day before).
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1'791'039'600, "10 2 * * *",
         "2026-10-03T15:30:00Z"},
        // The day begins at 01:00: Cuba, 2026-03-08, 00:00 CST is 01:00 CDT (05:00Z).
        {"CST5CDT,M3.2.0/0,M11.1.0/1", 1'772'942'400, "0 0 8 * *", "2026-03-08T05:00:00Z"},
    }));
    CAPTURE(zone, text);
    const TimeZone there(zone);
    const Time from{Duration{before * 1'000}};
    const auto found = cronOf(text).nextAfter(from, 20 * kDay);
    REQUIRE(found);
    CHECK(toText(*found) == expected);
    CHECK(cronOf(text).lastBefore(*found + kMinute / 2, kHour) == found);
}

TEST_CASE("a time pattern in the hour that comes twice matches once", "[cron]") {
    // 2026-10-25: 03:00 CEST is 02:00 CET (01:00Z).
    const TimeZone berlin("CET-1CEST,M3.5.0,M10.5.0/3");
    const Time from{Duration{1'792'882'800'000}};  // 2026-10-24T23:00:00Z
    const auto first = cronOf("30 2 * * *").nextAfter(from, kDay);
    REQUIRE(first);
    CHECK(toText(*first) == "2026-10-25T00:30:00Z");
    CHECK(toText(*cronOf("30 2 * * *").nextAfter(*first, 2 * kDay)) == "2026-10-26T01:30:00Z");
    CHECK(cronOf("30 2 * * *").lastBefore(*first + 5 * kHour, kDay) == first);
    CHECK(toText(*cronOf("30 3 * * *").nextAfter(*first, kDay)) == "2026-10-25T02:30:00Z");
    CHECK(toText(*cronOf("30 * * * *").nextAfter(*first, kDay)) == "2026-10-25T01:30:00Z");
}

TEST_CASE("what is no time pattern is refused with what is wrong", "[cron]") {
    const auto [text, sentence] = GENERATE(table<const char*, const char*>({
        {"* * * *", "has 4 fields instead of five"},
        {"60 * * * *", "a minute that is not understood: \"60\" (0 to 59)"},
        {"* 24 * * *", "an hour"},
        {"* * 0 * *", "a day of the month"},
        {"* * * 13 *", "a month"},
        {"* * * * sunday", "a day of the week"},
        {"5-1 * * * *", "a minute"},
        {"*/0 * * * *", "a minute"},
        {"*/-1 * * * *", "a minute"},
        {"*/+5 * * * *", "a minute"},
        {"*/ * * * *", "a minute"},
        {"*/99999999999999x * * * *", "a minute"},
        {"1, * * * *", "a minute"},
        {"", "has 0 fields"},
    }));
    CAPTURE(text);
    std::string why;
    CHECK_FALSE(Cron::parse(text, why));
    CHECK_THAT(why, Catch::Contains(sentence));
}

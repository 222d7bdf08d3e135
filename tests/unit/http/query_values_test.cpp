#include <catch2/catch.hpp>

#include "http/query_values.hpp"

namespace iac::http {
namespace {

std::string read(std::string_view text) {
    const auto time = timeFromText(text);
    return time ? toText(*time) : "none";
}

}  // namespace

TEST_CASE("times are read in the forms of RFC 3339, and days as their first moment") {
    CHECK(read("2025-01-24") == "2025-01-24T00:00:00Z");
    CHECK(read("2025-01-24T04:51:00Z") == "2025-01-24T04:51:00Z");
    CHECK(read("2025-01-24 04:51:00z") == "2025-01-24T04:51:00Z");
    CHECK(read("2025-01-24T04:51:00.25Z") == "2025-01-24T04:51:00.250Z");
    CHECK(read("2025-01-24T04:51:00.123456789Z") == "2025-01-24T04:51:00.123Z");
    CHECK(read("2025-01-24T04:51:00+05:30") == "2025-01-23T23:21:00Z");
    CHECK(read("2024-02-29T00:00:00-01:00") == "2024-02-29T01:00:00Z");
}

TEST_CASE("what is no time is none") {
    for (const char* text : {"", "2025", "2025-1-1", "2025-02-29", "2025-13-01", "2025-01-24T",
                             "2025-01-24T24:00:00Z", "2025-01-24T04:51:00",
                             "2025-01-24T04:51:00+25:00", "2025-01-24T04:51:00Zx", "tomorrow"}) {
        INFO(text);
        CHECK(read(text) == "none");
    }
}

}  // namespace iac::http

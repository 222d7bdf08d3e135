#include "planning/permission.hpp"

#include <catch2/catch.hpp>

#include "fixtures/hold.hpp"

using namespace iac;
using fixtures::holdOf;
using namespace iac::planning;

namespace {

const Time kNow{Duration{1'700'000'000'000}};

}  // namespace

TEST_CASE("a hold covers its target or its whole environment, until its time", "[permission]") {
    std::vector<Hold> holds{holdOf("staging", "a")};
    CHECK(holdOn(holds, "staging", "a", kNow) == &holds[0]);
    CHECK(holdOn(holds, "staging", "b", kNow) == nullptr);
    CHECK(holdOn(holds, "production", "a", kNow) == nullptr);
    holds[0].until = kNow;
    CHECK(holdOn(holds, "staging", "a", kNow) == nullptr);
    holds[0].until = kNow + Duration(1);
    CHECK(holdOn(holds, "staging", "a", kNow) == &holds[0]);
    holds.push_back(holdOf("staging"));
    CHECK(holdOn(holds, "staging", "a", kNow) == &holds[1]);
    holds[1].released_at = kNow;
    CHECK(holdOn(holds, "staging", "a", kNow) == &holds[0]);
}

TEST_CASE("a plan loses what is held, and says by whom and why", "[permission]") {
    const Plan plan = withoutHeld({{{"a", "r"}, {"b", "r"}}, {{"c", "no"}}},
                                  {holdOf("staging", "a")}, "staging", kNow);
    CHECK(plan.services == std::vector<PlannedService>{{"b", "r"}});
    REQUIRE(plan.skipped.size() == 2);
    CHECK(plan.skipped[1] == SkippedService{"a", "held by ada: a migration", true});
}

TEST_CASE("a gate lets through what has the tag and the success that it asks for", "[permission]") {
    const auto succeeded = [](std::string_view environment, std::string_view revision) {
        return environment == "staging" && revision == "good";
    };
    const auto why = [&](const config::Gate& gate, const std::string& tag,
                         std::string_view revision) {
        return refusedBy(gate, "production", tag, revision, succeeded);
    };
    CHECK(why({}, "", "any").empty());
    const config::Gate gate{"staging", "v*.*.0"};
    CHECK(why(gate, "v1.2.0", "good").empty());
    CHECK(why(gate, "v1.2.1", "good") ==
          "production takes only tags of the form \"v*.*.0\", and \"v1.2.1\" is none");
    CHECK(why(gate, "", "good") ==
          "production takes only tags of the form \"v*.*.0\", and this was not asked for by a tag");
    CHECK(why(gate, "v1.2.0", "0123456789abcdef") ==
          "production takes only what has succeeded in staging, and 0123456789 has not: deploy it "
          "there first");
}

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

TEST_CASE("a gate lets through what has the tag, and only services that are good", "[permission]") {
    const auto good = [](std::string_view environment, const std::string& service) {
        return environment == "staging" && service.starts_with("good");
    };
    const auto why = [&](const config::Gate& gate, const std::string& tag,
                         const std::vector<std::string>& services) {
        return refusedBy(gate, "production", tag, "0123456789abcdef", services, good);
    };
    CHECK(why({}, "", {"any"}).empty());
    const config::Gate gate{"staging", "v*.*.0"};
    CHECK(why(gate, "v1.2.0", {"good/a", "good/b"}).empty());
    CHECK(why(gate, "v1.2.0", {}).empty());
    CHECK(why(gate, "v1.2.1", {"good/a"}) ==
          "production takes only tags of the form \"v*.*.0\", and \"v1.2.1\" is none");
    CHECK(why(gate, "", {"good/a"}) ==
          "production takes only tags of the form \"v*.*.0\", and this was not asked for by a tag");
    CHECK(why(gate, "v1.2.0", {"good/a", "b", "c"}) ==
          "production takes only what has succeeded in staging, and at 0123456789 this has not: b, "
          "c; deploy it there first");
    CHECK_THAT(why(gate, "v1.2.0", std::vector<std::string>(12, "x")),
               Catch::Contains("and 2 more"));
}

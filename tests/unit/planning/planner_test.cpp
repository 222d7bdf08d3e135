// The planner over the mapper that ships: path_rules.so.
#include "planning/planner.hpp"

#include <catch2/catch.hpp>

using namespace iac;
using planning::Catalogue;
using planning::Planner;
using planning::Unknown;

namespace {

constexpr const char* kRules = R"({"rules": [
    {"path": "bootstrap/**", "skip": "deployed by hand"},
    {"path": "platform/*.{name}/**", "service": "platform/{name}"},
    {"path": "libs/**", "service": "platform/*"}]})";

struct World {
    plugin::Registry registry{{std::filesystem::path(IAC_BUILD_DIR) / "lib/iac-runner/plugins"}};
    std::vector<std::unique_ptr<plugin::Mapper>> mappers;
    Planner planner{mappers};
    Catalogue catalogue{rules(), {"platform/01.postgres/deploy.py", "platform/02.redis/deploy.py"}};

    World() {
        mappers.push_back(
            std::make_unique<plugin::Mapper>(registry.find("mapper", "iac.path-rules"), kRules));
    }
    static std::vector<config::ServiceRule> rules() {
        config::ServiceRule rule;
        rule.discover = "platform/{order}.{name}/deploy.py";
        rule.id = "platform/{name}";
        rule.with = new Poco::JSON::Object;
        return {rule};
    }
};

std::string picture(const Plan& plan) {
    std::string text;
    for (const auto& one : plan.services) text += "+" + one.service + " ";
    for (const auto& one : plan.skipped) text += "-" + one.service + " ";
    return text;
}

}  // namespace

TEST_CASE("a path plans the service it touches, and says which path and rule", "[planner]") {
    World world;
    const Plan plan = world.planner.forPaths({"platform/02.redis/compose.yaml", "README.md"},
                                             &world.catalogue, "staging", Unknown::skip);
    REQUIRE(plan.services.size() == 1);
    CHECK(
        plan.services[0] ==
        PlannedService{"platform/redis", "platform/02.redis/compose.yaml (platform/*.{name}/**)"});
    CHECK(plan.skipped.empty());
}

TEST_CASE("a shared folder plans every service of the pattern, in deployment order", "[planner]") {
    World world;
    CHECK(picture(world.planner.forPaths({"libs/common.py"}, &world.catalogue, "staging",
                                         Unknown::skip)) == "+platform/postgres +platform/redis ");
}

TEST_CASE("what a rule skips is named with its reason", "[planner]") {
    World world;
    const Plan plan = world.planner.forPaths({"bootstrap/05.vault/compose.yaml"}, &world.catalogue,
                                             "staging", Unknown::skip);
    CHECK(plan.services.empty());
    REQUIRE(plan.skipped.size() == 1);
    CHECK(plan.skipped[0] == SkippedService{"bootstrap/vault", "deployed by hand"});
}

TEST_CASE("a service that is not in the catalogue", "[planner]") {
    World world;
    const std::vector<std::string> paths{"platform/03.minio/deploy.py"};
    SECTION("is kept while the catalogue may be older than the paths") {
        CHECK(picture(world.planner.forPaths(paths, &world.catalogue, "staging", Unknown::keep)) ==
              "+platform/minio ");
    }
    SECTION("is kept when there is no catalogue yet") {
        CHECK(picture(world.planner.forPaths(paths, nullptr, "staging", Unknown::skip)) ==
              "+platform/minio ");
    }
    SECTION("is skipped when the catalogue is that of the revision") {
        CHECK(picture(world.planner.forPaths(paths, &world.catalogue, "staging", Unknown::skip)) ==
              "-platform/minio ");
    }
}

TEST_CASE("each service is measured from its own base", "[planner]") {
    World world;
    const planning::Base sinceRedis{"a", {"platform/01.postgres/compose.yaml"}};
    const planning::Base sincePostgres{"b", {"platform/02.redis/compose.yaml"}};
    // What changed since redis was deployed touches postgres only, and the other way round: nothing
    // is new.
    CHECK(picture(world.planner.forBases(
                      {{"platform/redis", sinceRedis}, {"platform/postgres", sincePostgres}},
                      world.catalogue, "staging"))
              .empty());
    CHECK(picture(world.planner.forBases(
              {{"platform/redis", sincePostgres}, {"platform/postgres", sincePostgres}},
              world.catalogue, "staging")) == "+platform/redis ");
}

TEST_CASE("a request plans what it names, or all", "[planner]") {
    World world;
    CHECK(picture(Planner::forRequest({}, world.catalogue, "staging", "ci")) ==
          "+platform/postgres +platform/redis ");
    CHECK(picture(Planner::forRequest({"platform/redis", "platform/mysql"}, world.catalogue,
                                      "staging", "ci")) == "+platform/redis -platform/mysql ");
}

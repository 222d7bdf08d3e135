#include "planning/catalogue.hpp"

#include <catch2/catch.hpp>

using namespace iac;
using planning::Catalogue;

namespace {

config::ServiceRule discovered() {
    config::ServiceRule rule;
    rule.discover = "platform/{order}.{name}/deploy.py";
    rule.id = "platform/{name}";
    rule.executor = "invoke";
    rule.with = new Poco::JSON::Object;
    rule.with->set("task", "{name}.sync");
    rule.place = "iac-runner.yaml:20: services[0]";
    return rule;
}

config::ServiceRule listed(const std::string& id) {
    config::ServiceRule rule;
    rule.id = id;
    rule.executor = "dokploy";
    rule.with = new Poco::JSON::Object;
    rule.place = "iac-runner.yaml:30: services[1]";
    return rule;
}

const std::vector<std::string> kPaths{"README.md",
                                      "platform/02.redis/deploy.py",
                                      "platform/10.minio/deploy.py",
                                      "platform/02.authentik/deploy.py",
                                      "platform/01.postgres/compose.yaml",
                                      "platform/01.postgres/deploy.py"};

}  // namespace

TEST_CASE("services are discovered in the order of the number, then the name", "[catalogue]") {
    const Catalogue catalogue({discovered()}, kPaths);
    CHECK(catalogue.ids("staging") == std::vector<std::string>{"platform/postgres",
                                                               "platform/authentik",
                                                               "platform/redis", "platform/minio"});
}

TEST_CASE("numbers are compared by value", "[catalogue]") {
    const Catalogue catalogue({discovered()}, {"platform/10.b/deploy.py", "platform/9.a/deploy.py",
                                               "platform/010.a0/deploy.py"});
    CHECK(catalogue.ids("") == std::vector<std::string>{"platform/a", "platform/a0", "platform/b"});
}

TEST_CASE("placeholders are replaced in what a service says", "[catalogue]") {
    const Catalogue catalogue({discovered()}, kPaths);
    REQUIRE(catalogue.find("platform/redis") != nullptr);
    CHECK(catalogue.find("platform/redis")->with == R"({"task":"redis.sync"})");
    CHECK(catalogue.find("platform/redis")->name == "redis");
}

TEST_CASE("a service comes after those it depends on", "[catalogue]") {
    auto early = listed("edge/traefik");
    early.depends_on = {"platform/postgres"};
    const Catalogue catalogue({early, discovered()}, kPaths);
    CHECK(catalogue.ids("").at(0) == "platform/postgres");
    CHECK(catalogue.ids("").at(1) == "edge/traefik");
}

TEST_CASE("a circle of dependencies is named", "[catalogue]") {
    auto a = listed("a"), b = listed("b");
    a.depends_on = {"b"};
    b.depends_on = {"a"};
    CHECK_THROWS_WITH(Catalogue({a, b}, {}), Catch::Contains("a -> b -> a"));
}

TEST_CASE("two services of one id are refused with both places", "[catalogue]") {
    auto other = discovered();
    other.discover = "platform/{order}.{name}/compose.yaml";
    other.place = "iac-runner.yaml:40: services[1]";
    CHECK_THROWS_WITH(Catalogue({discovered(), other}, kPaths),
                      Catch::Contains("platform/postgres") && Catch::Contains("services[0]") &&
                          Catch::Contains("services[1]"));
}

TEST_CASE("a service of one environment is not there in another", "[catalogue]") {
    auto only = listed("edge/traefik");
    only.environments = {"production"};
    const Catalogue catalogue({only}, {});
    CHECK(catalogue.ids("staging").empty());
    CHECK(catalogue.ids("production").size() == 1);
}

TEST_CASE("services are found by id, and by short name where only one has it", "[catalogue]") {
    const Catalogue catalogue({discovered(), listed("edge/redis")}, kPaths);
    std::string why;
    CHECK(catalogue.resolve("platform/redis", "staging", why)->id == "platform/redis");
    CHECK(catalogue.resolve("postgres", "staging", why)->id == "platform/postgres");
    CHECK(catalogue.resolve("redis", "staging", why) == nullptr);
    CHECK(why ==
          "more than one service is called \"redis\" (there are: platform/redis, edge/redis)");
    CHECK(catalogue.resolve("mysql", "staging", why) == nullptr);
    CHECK(why ==
          "there is no service \"mysql\" in staging (there are: platform/postgres, "
          "platform/authentik, "
          "platform/redis, platform/minio, edge/redis)");
    CHECK(catalogue.shownName("platform/postgres") == "postgres");
    CHECK(catalogue.shownName("platform/redis") == "platform/redis");
}

TEST_CASE("a folder whose name a program could misread is no service, and that is said",
          "[catalogue]") {
    auto paths = kPaths;
    for (const char* folder : {"14.--reference=x", "14.x;touch y", "14.$(id)", "-1.a", "1 2.b"})
        paths.push_back("platform/" + std::string(folder) + "/deploy.py");
    const Catalogue catalogue({discovered()}, paths);
    CHECK(catalogue.services().size() == 4);
    REQUIRE(catalogue.refused().size() == 5);
    CHECK_THAT(catalogue.refused()[0],
               Catch::Contains("14.--reference=x") && Catch::Contains("begins with \"-\""));
    auto wider = discovered();
    wider.extra_characters = "=;$() ";
    // Never one that begins with a dash.
    CHECK(Catalogue({wider}, paths).refused().size() == 2);
}

TEST_CASE("an entry of its own takes the place of a service that a rule finds", "[catalogue]") {
    auto own = listed("platform/redis");
    const Catalogue catalogue({discovered(), own}, kPaths);
    CHECK(catalogue.services().size() == 4);
    CHECK(catalogue.find("platform/redis")->executor == "dokploy");
    const Catalogue first({own, discovered()}, kPaths);
    CHECK(first.find("platform/redis")->executor == "dokploy");
    // Two entries, or two rules, are a mistake.
    CHECK_THROWS_WITH(Catalogue({own, own}, kPaths), Catch::Contains("platform/redis"));
}

TEST_CASE("what a rule excludes is no service", "[catalogue]") {
    auto rule = discovered();
    rule.exclude = {"platform/redis", "*/mini*"};
    CHECK(Catalogue({rule}, kPaths).ids("") ==
          std::vector<std::string>{"platform/postgres", "platform/authentik"});
}

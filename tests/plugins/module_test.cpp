#include <catch2/catch.hpp>
#include <set>

#include "shipped.hpp"

using namespace iac;

TEST_CASE("Every plugin that ships is taken by the registry") {
    std::string refused;
    for (const auto& one : test::shipped().refused())
        refused += one.file.string() + " " + one.reason + "\n";
    CHECK(refused.empty());

    std::set<std::string> known;
    for (const auto& one : test::shipped().plugins())
        known.insert(one.kind + " " + one.id + " " + one.file.filename().string());
    CHECK(known == std::set<std::string>{
                       "executor iac.command command.so", "executor iac.dokploy dokploy.so",
                       "executor iac.invoke invoke.so", "mapper iac.path-rules path_rules.so",
                       "notifier iac.github-status github_status.so", "notifier iac.log log.so",
                       "notifier iac.slack slack.so", "notifier iac.webhook webhook.so",
                       "trigger iac.github github.so", "trigger iac.manual manual.so"});
}

TEST_CASE("Every plugin describes itself and its settings") {
    for (const auto& one : test::shipped().plugins()) {
        INFO(one.id);
        CHECK(one.summary.size() > 10);
        CHECK(one.version == "1.0.0");
        CHECK(one.schema.find("\"description\"") != std::string::npos);
        CHECK(one.schema.find("\"additionalProperties\": false") != std::string::npos);
    }
    CHECK(test::shipped().find("trigger", "iac.github").schema.find("\"writeOnly\": true") !=
          std::string::npos);
    CHECK(test::shipped().find("trigger", "iac.manual").schema.find("\"writeOnly\": true") !=
          std::string::npos);
}

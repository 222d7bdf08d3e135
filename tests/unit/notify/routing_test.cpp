#include "notify/routing.hpp"

#include <catch2/catch.hpp>

using namespace iac;

TEST_CASE("a notifier hears of what its `when` lets through", "[routing]") {
    config::Settings settings;
    config::NotifierUse all, failures, production;
    all.name = "all";
    failures.name = "failures";
    failures.states = {"failed", "cancelled"};
    production.name = "production";
    production.environments = {"production"};
    settings.notifiers = {all, failures, production};
    using Names = std::vector<std::string>;
    CHECK(notify::recipients(settings, "staging", DeploymentState::success) == Names{"all"});
    CHECK(notify::recipients(settings, "staging", DeploymentState::failed) ==
          Names{"all", "failures"});
    CHECK(notify::recipients(settings, "production", DeploymentState::success) ==
          Names{"all", "production"});
}

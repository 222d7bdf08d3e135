#include "notify/routing.hpp"

#include <catch2/catch.hpp>

using namespace iac;
using Names = std::vector<std::string>;

namespace {

struct Configured {
    plugin::Plugin ends, moves;
    notify::Notifiers notifiers;
    Configured() {
        ends.schema = R"({"type": "object"})";
        moves.schema = R"({"x-iac-events": ["queued", "deployment.started", "nonsense", 7]})";
    }
    config::NotifierUse& add(const std::string& name, const plugin::Plugin& plugin) {
        auto& notifier = notifiers[name];
        notifier.plugin = &plugin;
        notifier.use.name = name;
        return notifier.use;
    }
};

}  // namespace

TEST_CASE("a notifier is told of the events it is configured for, or its plugin wants, or the end",
          "[routing]") {
    Configured configured;
    configured.add("ends", configured.ends);
    configured.add("moves", configured.moves);
    configured.add("chosen", configured.moves).events = {"step", "finished"};
    const auto told = notify::subscribers(configured.notifiers);
    CHECK(told("deployment.queued", "staging") == Names{"moves"});
    CHECK(told("deployment.started", "staging") == Names{"moves"});
    CHECK(told("deployment.step", "staging") == Names{"chosen"});
    CHECK(told("deployment.finished", "staging") == Names{"chosen", "ends"});
    CHECK(told("deployment.nonsense", "staging").empty());
}

TEST_CASE("a notifier is told of its environments only", "[routing]") {
    Configured configured;
    configured.add("all", configured.ends);
    configured.add("production", configured.ends).environments = {"production"};
    const auto told = notify::subscribers(configured.notifiers);
    CHECK(told("deployment.finished", "staging") == Names{"all"});
    CHECK(told("deployment.finished", "production") == Names{"all", "production"});
}

TEST_CASE("the answer stays when the notifiers it was made from are gone", "[routing]") {
    history::Subscribers told;
    {
        Configured configured;
        configured.add("all", configured.ends);
        told = notify::subscribers(configured.notifiers);
    }
    CHECK(told("deployment.finished", "staging") == Names{"all"});
}

TEST_CASE("a schema that names no events wants to hear of the end", "[routing]") {
    for (const char* schema : {"{}", "", "not json", R"({"x-iac-events": "queued"})",
                               R"({"x-iac-events": []})", R"({"x-iac-events": ["recovered"]})"}) {
        INFO(schema);
        CHECK(notify::eventsWanted(schema) == Names{"deployment.finished"});
    }
}

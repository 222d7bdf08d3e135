// What `iac-runner plugins check` asks of anybody's notifier, asked of ours.
#include <iac/plugin.h>

#include <catch2/catch.hpp>

#include "notified.hpp"
#include "plugins/shipped.hpp"

using namespace iac;

TEST_CASE("notifiers: each passes the tests of plugins check") {
    const std::pair<const char*, const char*> notifiers[] = {
        {"iac.slack", R"({"token": "xoxb-1", "channel": "C1"})"},
        {"iac.github-status", R"({"token": "t"})"},
        {"iac.webhook",
         R"({"url": "https://example.com", "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="})"},
    };
    for (const auto& [id, config] : notifiers) {
        for (const char* test :
             {"exports", "libraries", "create", "missing-input", "unknown-input", "cancel"}) {
            INFO(id << " " << test);
            plugin::HostedCall call;
            call.plugin = &test::shipped().find("notifier", id);
            call.config = config;
            call.input = test::Told().text("");
            call.check = test;
            const auto result = plugin::callInHost(call, {});
            CHECK(result.message == "");
            CHECK(result.status == IAC_OK);
        }
    }
}

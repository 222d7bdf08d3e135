#pragma once

#include <signal.h>

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>

#include "plugin/host.hpp"
#include "plugin/value.hpp"
#include "unit/plugin/fixture.hpp"

namespace iac::plugin {

inline const Registry& hostedPlugins() {
    static const PluginFolder folder({"actor", "plain"});
    static const Registry loaded({folder.path()});
    return loaded;
}

/// One call of the actor in the host, and what it said meanwhile.
struct Hosted {
    HostedCall call;
    HostedEvents events;
    std::map<int, std::string> output;  ///< by stream
    std::vector<std::string> said;      ///< log and progress
    std::function<void()> on_output;
    HostedResult result;

    /// more: further members of the input, eg. R"("argv":["true"])".
    explicit Hosted(const std::string& what, const std::string& more = {}) {
        call.plugin = &hostedPlugins().find("executor", "test.actor");
        call.config = "{}";
        call.input =
            R"({"deployment":7,"service":"platform/web","name":"web","environment":"staging",)"
            R"("revision":"0123456789012345678901234567890123456789","do":")" +
            what + "\"" + (more.empty() ? "" : "," + more) + "}";
        call.environment = {"PATH=/usr/bin:/bin", "DEPLOY_ENV=staging"};
        call.timeout = Duration{60'000};
        call.grace = Duration{10'000};
    }

    HostedResult& run() {
        events.log = [&](int level, std::string_view sentence) {
            said.push_back(std::to_string(level) + " " + std::string(sentence));
        };
        events.progress = [&](double fraction, std::string_view sentence) {
            said.push_back(std::to_string(static_cast<int>(fraction * 100)) + "% " +
                           std::string(sentence));
        };
        events.mask = [&](std::string_view secret) {
            said.push_back("mask " + std::string(secret));
        };
        events.output = [&](int stream, std::string_view bytes) {
            output[stream] += bytes;
            if (on_output) on_output();
        };
        result = callInHost(call, events);
        return result;
    }

    /// A member of one of the results, as JSON text; empty when none has it.
    std::string emitted(const std::string& name) const {
        for (const auto& json : result.emitted) {
            std::string reason;
            const auto document = Document::parse(json, reason);
            REQUIRE(document);
            if (const auto* found = find(document->root(), "/" + name))
                return std::string(document->json(*found));
        }
        return {};
    }
};

inline bool isAlive(const std::string& pid) {
    return !pid.empty() && ::kill(std::stoi(pid), 0) == 0;
}

}  // namespace iac::plugin

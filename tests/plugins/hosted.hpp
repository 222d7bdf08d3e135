#pragma once

#include <iac/plugin.h>

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/host.hpp"
#include "shipped.hpp"

namespace iac::test {

/// What one call in the plugin host gave, and what was said meanwhile.
struct Hosted {
    plugin::HostedResult result;
    std::string output;  ///< both streams
    std::vector<std::string> logged;
};

inline Hosted callInHost(plugin::HostedCall call) {
    Hosted hosted;
    plugin::HostedEvents events;
    events.log = [&](int, std::string_view sentence) { hosted.logged.emplace_back(sentence); };
    events.output = [&](int, std::string_view bytes) { hosted.output += bytes; };
    events.progress = [](double, std::string_view) {};
    hosted.result = plugin::callInHost(call, events);
    return hosted;
}

/// What an executor said of its failure: the sentence, and the JSON of the diagnosis if there is
/// one.
struct Failure {
    std::string message, diagnosis;
};

/// Fails the test when the call did not return that status.
inline Failure failure(const Hosted& hosted, std::int32_t status = IAC_FAILED) {
    INFO(hosted.result.message << "\n" << hosted.output);
    REQUIRE(hosted.result.end == plugin::HostedResult::End::returned);
    REQUIRE(hosted.result.status == status);
    REQUIRE(hosted.result.emitted.size() <= 1);
    return {hosted.result.message,
            hosted.result.emitted.empty() ? "" : hosted.result.emitted.front()};
}

/// The JSON an executor emitted when it ended well; fails the test when it did not.
inline std::string outcome(const Hosted& hosted) {
    INFO(hosted.result.message << "\n" << hosted.output);
    REQUIRE(hosted.result.status == IAC_OK);
    REQUIRE(hosted.result.emitted.size() == 1);
    return hosted.result.emitted.front();
}

}  // namespace iac::test

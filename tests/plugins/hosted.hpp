#pragma once

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

}  // namespace iac::test

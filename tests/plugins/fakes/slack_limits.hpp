#pragma once

#include <Poco/JSON/Object.h>

#include <string>
#include <vector>

namespace iac::fakes {

/// What Slack would not take of a message, by its documented limits; empty: nothing. Knows the
/// blocks that we send, and calls every other one a fault.
std::vector<std::string> slackFaults(const Poco::JSON::Object::Ptr& message);

/// Characters as Slack's clients count them: UTF-16 units.
std::size_t slackLength(const std::string& text);

}  // namespace iac::fakes

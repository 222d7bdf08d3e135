#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "history/history.hpp"
#include "notify/notifiers.hpp"

namespace iac::notify {

/// Whether a value is one of those that `when` names; where it names none, every value is.
bool letsThrough(const std::vector<std::string>& allowed, std::string_view value);

/// Who is told of which moves, as far as that is known before a deployment is: by its environment,
/// and by the events that the configuration names, else the plugin's schema ("x-iac-events"), else
/// the end alone. What depends on the deployment itself is decided when a message is about to be
/// delivered (verdict.hpp). The answer keeps no reference to `notifiers`. [any-thread]
history::Subscribers subscribers(const Notifiers& notifiers);

/// The events that a plugin wants to hear of where the configuration names none: "x-iac-events" of
/// its schema, as far as they are events; never empty.
std::vector<std::string> eventsWanted(const std::string& schema);

}  // namespace iac::notify

#pragma once

#include <iac/plugin.hpp>
#include <string>
#include <vector>

namespace iac::triggers {

/// The full name and the addresses by which a payload names its repository; empty: it names none.
/// A payload of the wrong shape is iac::invalid with the place.
std::vector<std::string> namesOfRepository(const Value& payload);

/// What a push means for the branch that is deployed: an event, or a reason to ignore it. A payload
/// of the wrong shape is iac::invalid with the place.
Verdict understandPush(const Value& payload, const HttpRequest& request);

}  // namespace iac::triggers

#pragma once

#include <iac/plugin.hpp>

namespace iac::triggers {

/// What a push means for the branch that is deployed: an event, or a reason to ignore it. A payload
/// of the wrong shape is iac::invalid with the place.
Verdict understandPush(const Value& payload, const HttpRequest& request);

}  // namespace iac::triggers

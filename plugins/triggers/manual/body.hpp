#pragma once

#include <iac/plugin.hpp>

namespace iac::triggers {

/// How long callers wait for the end of a deployment, in seconds.
inline constexpr int kLongestWait = 3600;

/// The body of POST /deploy -> what is asked for. iac::invalid with a sentence for every other
/// form; default_wait is what counts where the body does not say it.
Event deployRequest(const Value& body, int default_wait);

/// The body of POST /sync.
Event syncRequest(const Value& body, int default_wait);

}  // namespace iac::triggers

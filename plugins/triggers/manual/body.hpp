#pragma once

#include <iac/plugin.hpp>
#include <string>

namespace iac::triggers {

/// How long callers wait for the end of a deployment, in seconds.
inline constexpr int kLongestWait = 3600;

/// How the trigger is configured to read a body.
struct Reading {
    int wait = 60;        ///< seconds, where the body does not say it
    bool strict = false;  ///< refuses members that it does not know
};

/// The body of POST /deploy -> what is asked for; Event::warnings says what of it was ignored.
/// iac::invalid with a sentence for every other form.
Event deployRequest(const Value& body, const Reading& reading);

/// The body of POST /sync.
Event syncRequest(const Value& body, const Reading& reading);

/// The body of POST /deploy/status -> the deployment that is asked for, as it was written.
std::string statusRequest(const Value& body, const Reading& reading);

}  // namespace iac::triggers

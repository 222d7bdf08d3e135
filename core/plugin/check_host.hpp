#pragma once

#include <iac/plugin.h>

#include <string>

#include "base/clock.hpp"
#include "plugin/check_call.hpp"
#include "plugin/value.hpp"
#include "plugin/wire.hpp"

namespace iac::plugin {

/// What one test of `plugins check` found. It travels as the status of the call, with the sentence
/// as its message.
struct CheckFinding {
    enum class Is : iac_status {
        ok = IAC_OK,
        failed = IAC_FAILED,
        warning = IAC_RETRY,
        skipped = IAC_CANCELLED,
        not_made = IAC_INVALID,  ///< create() gave no instance: the sentence is its reason
    };
    Is is = Is::ok;
    std::string sentence;
};

/// What a test works on. `opening` is the processor time that loading the file took.
struct CheckSubject {
    const iac_plugin& plugin;
    const iac_value& config;  ///< of the test "required": an array of them
    const iac_value& input;
    Duration opening{0};
    const RealServices* real = nullptr;  ///< for kRealCall only
};

/// The test whether an instance can be made of a configuration at all: CheckFinding::Is::not_made
/// when not. The start of the daemon asks it of each notifier.
inline constexpr const char* kMade = "made";

/// The one test that is a call for real: what it asks of exec() and http() is done.
inline constexpr const char* kRealCall = "run";

/// One of the author's cases (check_case.hpp): the subject's input is the case.
inline constexpr const char* kCase = "case";

/// Carries out one test, where the plugin is loaded. exec() and http() only pretend, but for
/// kRealCall: nothing is started, nothing is sent. Throws std::runtime_error when there is no such
/// test.
CheckFinding check(const std::string& name, const CheckSubject& subject);

}  // namespace iac::plugin

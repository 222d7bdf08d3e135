#pragma once

#include <optional>
#include <string>

#include "base/cancellation.hpp"
#include "base/clock.hpp"
#include "base/masker.hpp"
#include "notify/notifiers.hpp"
#include "plugin/host.hpp"

namespace iac::notify {

/// What came of one call of a notifier.
struct Answer {
    enum class Is {
        delivered,
        stopped,  ///< the runner ends: it is delivered after the next start
        passing,  ///< a fault that may pass: tried again until the message is too old
        broken,   ///< it crashed or could not be started: tried again a few times
        final,    ///< it will never work: given up
    };
    Is is = Is::final;
    std::string sentence;               ///< why not; when delivered: what the one who was told said
    std::optional<std::string> memory;  ///< for the next message of the deployment
    std::optional<Duration> retry_after;  ///< not before that, for whatever message
};

/// Reads it from a call: "notifier" in sdk/README.md says what may be emitted. A member that is
/// not there is passed over. A call that succeeds and emits what is not as it says there has failed
/// for good.
Answer answerOf(const plugin::HostedResult& result);

/// One call of a notifier, in the plugin host; `name` stands before what it logs. `stop` and
/// `masker`, which learns what the plugin asks to mask, may be nullptr. Blocks; the calling thread
/// has to stay until it returns.
Answer callNotifier(const std::string& name, const NotifierInUse& notifier,
                    const std::string& input, const Cancellation* stop, Masker* masker);

/// Of a memory, at most: more is not kept.
inline constexpr std::size_t kLongestMemory = 4u << 10;
/// A provider that asks for a longer pause is asked again after this one.
inline constexpr Duration kLongestRetryAfter{3'600'000};

}  // namespace iac::notify

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "notify/notifiers.hpp"

namespace iac::notify {

/// What became of one sample.
struct SampleEnd {
    std::string_view name;  ///< "queued", "started", "success", "failed", "cancelled", "recovered"
    bool delivered = false;
    std::string sentence;  ///< what the one who was told answered, or why it failed; may be empty
};

/// Tells a notifier of deployments that are made up, in every state that it can be told of, and
/// marked as samples: a deployment on its way to success, one that fails, one that is cancelled,
/// one that says that a failure is over. `ended` hears of each at once. False: one was not
/// delivered. Nothing is tried again. Blocks.
bool sendSamples(const config::Settings& settings, const NotifierInUse& notifier,
                 const std::function<void(const SampleEnd&)>& ended);

}  // namespace iac::notify

#pragma once

#include <memory>
#include <vector>

#include "base/cancellation.hpp"
#include "base/masker.hpp"
#include "config/settings.hpp"
#include "history/history.hpp"
#include "notify/input.hpp"
#include "notify/notifiers.hpp"

namespace iac::notify {

class Courier;

/// Carries the messages of the outbox to the notifier plugins, each call in a child process, on one
/// thread for each notifier: a deployment waits for none of them, nor one notifier for another.
///
/// Delivered at least once, in order for each deployment and notifier: a runner that is killed
/// between a delivery and its mark delivers once more. What the notifier calls passing is tried
/// again with a growing pause, or the one it asks for, until the message is kGiveUpAfter old; a
/// crash, kMostBreakdowns times; anything else is given up at once. What was given up keeps its
/// reason in the history.
class Delivery {
public:
    /// All but the settings is used, not copied. The masker masks reasons before they are stored.
    Delivery(const config::Settings& settings, history::History& history,
             const Notifiers& notifiers, Masker& masker, const Clock& clock);
    ~Delivery();  ///< stop()
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    /// Throws history::Unavailable when it cannot see what an earlier configuration left behind;
    /// the notifiers of this one are served all the same.
    void start();
    /// The messages that are on their way are delivered or stopped; the others stay in the outbox.
    void stop();

private:
    history::History& history_;
    const Notifiers& notifiers_;
    Masker& masker_;
    const Clock& clock_;
    const Surroundings surroundings_;
    Cancellation stop_;
    std::vector<std::unique_ptr<Courier>> couriers_;
};

}  // namespace iac::notify

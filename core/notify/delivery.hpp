#pragma once

#include <functional>
#include <map>
#include <string>
#include <thread>

#include "base/cancellation.hpp"
#include "base/masker.hpp"
#include "config/settings.hpp"
#include "history/history.hpp"
#include "plugin/registry.hpp"

namespace iac::notify {

/// A notifier of the configuration, ready to be called.
struct NotifierInUse {
    config::NotifierUse use;
    const plugin::Plugin* plugin = nullptr;
    std::string config;  ///< JSON text, complete by the plugin's schema
};

/// By its name in the configuration.
using Notifiers = std::map<std::string, NotifierInUse, std::less<>>;

/// A deployment as GET /deployments/{id} shows it, as JSON text: what a notifier is told.
using Describe = std::function<std::string(const Deployment&)>;

/// Carries the messages of the outbox to the notifier plugins, each call in a child process, on one
/// thread of its own: a deployment never waits for it. Delivered at least once; a fault that may
/// pass is tried again with a growing pause until kGiveUpAfter attempts, anything else is given up
/// with its reason.
class Delivery {
public:
    Delivery(history::History& history, const Notifiers& notifiers, const Clock& clock,
             Describe describe);
    ~Delivery();  ///< stop()
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    void start();
    /// The message that is on its way is delivered or stopped; the others stay in the outbox.
    void stop();

    static constexpr int kGiveUpAfter =
        12;  ///< attempts: about an hour, with the pauses between them

private:
    void work();
    bool deliverDue();
    void deliver(const history::OutboxMessage& message);
    void waitForMore(std::uint64_t seen);

    history::History& history_;
    const Notifiers& notifiers_;
    const Clock& clock_;
    Describe describe_;
    Cancellation stop_;
    std::thread thread_;
};

}  // namespace iac::notify

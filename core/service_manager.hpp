#pragma once

#include <chrono>
#include <optional>

namespace iac {

/// Tells the service manager how the daemon is doing, by the protocol of sd_notify(3). Without
/// NOTIFY_SOCKET, as when a person starts the daemon, every call does nothing. Thread-safe.
class ServiceManager {
public:
    void ready() const;
    /// A reload has begun; ready() ends it.
    void reloading() const;
    void stopping() const;
    /// Has to be called more often than watchdog() says.
    void alive() const;
    /// After how long without alive() the service manager kills the daemon (WatchdogSec=); empty:
    /// it does not watch.
    std::optional<std::chrono::microseconds> watchdog() const;
};

}  // namespace iac

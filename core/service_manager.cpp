#include "service_manager.hpp"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <cstdint>
#include <string>

namespace iac {
namespace {

// A service manager that does not answer must not stop the daemon: the result is of no use.
void notify(const std::string& state) {
    ::sd_notify(0, state.c_str());
}

}  // namespace

void ServiceManager::ready() const {
    notify("READY=1");
}

void ServiceManager::reloading() const {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto since_boot = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
    notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(since_boot.count()));
}

void ServiceManager::stopping() const {
    notify("STOPPING=1");
}

void ServiceManager::alive() const {
    notify("WATCHDOG=1");
}

std::optional<std::chrono::microseconds> ServiceManager::watchdog() const {
    std::uint64_t interval = 0;
    if (::sd_watchdog_enabled(0, &interval) <= 0) return std::nullopt;
    return std::chrono::microseconds(interval);
}

}  // namespace iac

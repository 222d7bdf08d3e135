#include "world.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace iac::dokploy {

namespace {

[[noreturn]] void cancelled() {
    throw Error(IAC_CANCELLED, "the step was cancelled; what Dokploy has begun goes on there");
}

}  // namespace

// Wherever the cancellation meets the step, it says the same.
Reply LentWorld::http(const Request& request) {
    try {
        return call_.http(request);
    } catch (const Error& error) {
        if (error.status() == IAC_CANCELLED) cancelled();
        throw;
    }
}

double LentWorld::now() {
    using Seconds = std::chrono::duration<double>;
    return Seconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void LentWorld::pause(double seconds) {
    // In slices: nothing wakes a sleeping plugin when its step is cancelled.
    constexpr double kSlice = 0.1;
    const double end = now() + seconds;
    while (true) {
        if (call_.cancelled()) cancelled();
        const double left = end - now();
        if (left <= 0) return;
        std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left, kSlice)));
    }
}

}  // namespace iac::dokploy

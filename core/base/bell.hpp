#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>

#include "base/guarded.hpp"

namespace iac {

/// Says "something changed, look again" to everyone who waits, and loses no ring: whoever remembers
/// the count it has seen is woken by every later one. [any-thread]
///
///     auto seen = bell.count();
///     while (!look()) seen = bell.wait(seen);
class Bell {
public:
    void ring() {
        ++*count_.lock();
        changed_.notify_all();
    }
    std::uint64_t count() { return *count_.lock(); }
    /// Waits for a ring after `seen`; the new count.
    std::uint64_t wait(std::uint64_t seen) {
        auto count = count_.lock();
        count.wait(changed_, [seen](std::uint64_t now) { return now != seen; });
        return *count;
    }
    /// The same until a deadline; the count is still `seen` when it passed first.
    template <class Deadline>
    std::uint64_t waitUntil(std::uint64_t seen, Deadline deadline) {
        auto count = count_.lock();
        count.waitUntil(changed_, deadline, [seen](std::uint64_t now) { return now != seen; });
        return *count;
    }

private:
    Guarded<std::uint64_t> count_{0u};
    std::condition_variable changed_;
};

}  // namespace iac

#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/thread_safety.hpp"

namespace iac {

/// A value that can only be reached through its lock.
///
///     Guarded<std::vector<int>> numbers;
///     numbers.lock()->push_back(1);             // locked for this one expression
///     auto held = numbers.lock();               // locked until `held` ends
///
/// The preset `clang` rejects a second lock() while the first is held: that would wait forever.
template <class T>
class IAC_CAPABILITY("mutex") Guarded {
public:
    template <class... Args>
    explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

    class IAC_SCOPED_CAPABILITY Held {
    public:
        ~Held() IAC_RELEASES() = default;
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;
        T* operator->() { return &value_; }
        T& operator*() { return value_; }
        /// Waits until condition(value) holds; the value is unlocked meanwhile.
        template <class Condition>
        void wait(std::condition_variable& changed, Condition condition) {
            changed.wait(lock_, [&] { return condition(value_); });
        }
        /// The same until a deadline; false when it passed first.
        template <class Deadline, class Condition>
        bool waitUntil(std::condition_variable& changed, Deadline deadline, Condition condition) {
            return changed.wait_until(lock_, deadline, [&] { return condition(value_); });
        }

    private:
        friend class Guarded;
        Held(std::mutex& mutex, T& value) : lock_(mutex), value_(value) {}
        std::unique_lock<std::mutex> lock_;
        T& value_;
    };

    Held lock() IAC_ACQUIRES() IAC_UNCHECKED { return Held(mutex_, value_); }

private:
    std::mutex mutex_;
    T value_;
};

}  // namespace iac

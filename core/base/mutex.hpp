#pragma once

#include <mutex>
#include <shared_mutex>

#include "base/thread_safety.hpp"

namespace iac {

/// A lock for what is not a value of its own: a turn, an order of actions. Prefer Guarded.
class IAC_CAPABILITY("mutex") Mutex {
public:
    class IAC_SCOPED_CAPABILITY Held {
    public:
        ~Held() IAC_RELEASES() = default;
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;

    private:
        friend class Mutex;
        explicit Held(std::mutex& mutex) : lock_(mutex) {}
        std::unique_lock<std::mutex> lock_;
    };

    [[nodiscard]] Held lock() IAC_ACQUIRES() IAC_UNCHECKED { return Held(mutex_); }

private:
    std::mutex mutex_;
};

/// Held by many who share it, or by one alone.
class IAC_CAPABILITY("mutex") SharedMutex {
public:
    class IAC_SCOPED_CAPABILITY Alone {
    public:
        ~Alone() IAC_RELEASES() = default;
        Alone(const Alone&) = delete;
        Alone& operator=(const Alone&) = delete;

    private:
        friend class SharedMutex;
        explicit Alone(std::shared_mutex& mutex) : lock_(mutex) {}
        std::unique_lock<std::shared_mutex> lock_;
    };
    class IAC_SCOPED_CAPABILITY Shared {
    public:
        ~Shared() IAC_RELEASES() = default;
        Shared(const Shared&) = delete;
        Shared& operator=(const Shared&) = delete;

    private:
        friend class SharedMutex;
        explicit Shared(std::shared_mutex& mutex) : lock_(mutex) {}
        std::shared_lock<std::shared_mutex> lock_;
    };

    [[nodiscard]] Alone lock() IAC_ACQUIRES() IAC_UNCHECKED { return Alone(mutex_); }
    [[nodiscard]] Shared share() IAC_ACQUIRES_SHARED() IAC_UNCHECKED { return Shared(mutex_); }

private:
    std::shared_mutex mutex_;
};

/// Says of members and functions that they belong to one thread, which states its role once:
///
///     ThreadRole writer_;
///     int pages_ IAC_GUARDED_BY(writer_);
///     void run() { const auto role = writer_.assume(); ... }
///
/// It does nothing at run time.
class IAC_CAPABILITY("role") ThreadRole {
public:
    class IAC_SCOPED_CAPABILITY Assumed {
    public:
        ~Assumed() IAC_RELEASES() {}  // not trivial: the variable is meant to be used by nothing
        Assumed(const Assumed&) = delete;
        Assumed& operator=(const Assumed&) = delete;

    private:
        friend class ThreadRole;
        Assumed() = default;
    };

    [[nodiscard]] Assumed assume() IAC_ACQUIRES() IAC_UNCHECKED { return Assumed(); }
};

}  // namespace iac

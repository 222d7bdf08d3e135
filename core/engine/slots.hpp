#pragma once

#include <chrono>

#include "base/cancellation.hpp"
#include "base/descriptor.hpp"

namespace iac::engine {

/// Places for what may run at the same time. Whoever waits for one hears of a cancellation, which a
/// std::counting_semaphore cannot do; and that of libstdc++ 12 may sleep on while a place is free
/// (GCC bug 104928). [any-thread]
class Slots {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    /// Throws std::system_error.
    explicit Slots(int count);

    /// One of them, until it ends.
    class Taken {
    public:
        /// Waits for a free one, until the deadline; false, and none was taken: the deadline
        /// passed, or `cancel` was requested, before.
        Taken(Slots& slots, const Cancellation& cancel, Deadline deadline = Deadline::max())
            : slots_(slots), taken_(slots.take(cancel, deadline)) {}
        ~Taken() {
            if (taken_) slots_.giveBack();
        }
        Taken(const Taken&) = delete;
        Taken& operator=(const Taken&) = delete;
        explicit operator bool() const noexcept { return taken_; }

    private:
        Slots& slots_;
        const bool taken_;
    };

private:
    bool take(const Cancellation& cancel, Deadline deadline);
    void giveBack() noexcept;

    Descriptor free_;  // an eventfd that counts down; made non-blocking: others may be faster
};

}  // namespace iac::engine

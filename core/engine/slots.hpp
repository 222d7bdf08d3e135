#pragma once

#include "base/cancellation.hpp"
#include "base/descriptor.hpp"

namespace iac::engine {

/// Places for what may run at the same time. Whoever waits for one hears of a cancellation, which a
/// std::counting_semaphore cannot do; and that of libstdc++ 12 may sleep on while a place is free
/// (GCC bug 104928). [any-thread]
class Slots {
public:
    /// Throws std::system_error.
    explicit Slots(int count);

    /// One of them, until it ends.
    class Taken {
    public:
        /// Waits for a free one; false, and none was taken: `cancel` was requested before.
        Taken(Slots& slots, const Cancellation& cancel)
            : slots_(slots), taken_(slots.take(cancel)) {}
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
    bool take(const Cancellation& cancel);
    void giveBack() noexcept;

    Descriptor free_;  // an eventfd that counts down; made non-blocking: others may be faster
};

}  // namespace iac::engine

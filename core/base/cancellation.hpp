#pragma once

namespace iac {

/// A request to stop, that threads can ask for and poll(2) can wait on. Never taken back.
/// [any-thread] What was done before request() is seen by whoever heard of it from requested().
class Cancellation {
public:
    Cancellation();
    ~Cancellation();
    Cancellation(const Cancellation&) = delete;
    Cancellation& operator=(const Cancellation&) = delete;

    void request() noexcept;  ///< also from a signal handler
    bool requested() const noexcept;
    /// Readable once requested; for poll(2). Owned by this object.
    int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;  // an eventfd
};

}  // namespace iac

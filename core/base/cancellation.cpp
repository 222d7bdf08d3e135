#include "base/cancellation.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace iac {
namespace {

// The kernel's order is none of the language: this makes what was done before a request seen by
// whoever hears of it. One for all, as requests are few.
std::atomic<unsigned> requests{0};

}  // namespace

Cancellation::Cancellation() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Cancellation::~Cancellation() {
    ::close(descriptor_);
}

void Cancellation::request() noexcept {
    requests.fetch_add(1, std::memory_order_release);
    const std::uint64_t one = 1;
    // The counter cannot overflow in practice, and a full counter is readable all the same.
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

bool Cancellation::requested() const noexcept {
    pollfd ready{descriptor_, POLLIN, 0};
    if (::poll(&ready, 1, 0) != 1) return false;
    static_cast<void>(requests.load(std::memory_order_acquire));
    return true;
}

}  // namespace iac

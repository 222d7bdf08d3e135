#include "base/cancellation.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace iac {

Cancellation::Cancellation() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Cancellation::~Cancellation() {
    ::close(descriptor_);
}

void Cancellation::request() noexcept {
    const std::uint64_t one = 1;
    // The counter cannot overflow in practice, and a full counter is readable all the same.
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

bool Cancellation::requested() const noexcept {
    pollfd ready{descriptor_, POLLIN, 0};
    return ::poll(&ready, 1, 0) == 1;
}

}  // namespace iac

#include "engine/slots.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace iac::engine {

Slots::Slots(int count)
    : free_(::eventfd(static_cast<unsigned>(count), EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!free_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

bool Slots::take(const Cancellation& cancel, Deadline deadline) {
    constexpr std::chrono::milliseconds kLongest{60'000};
    while (true) {
        const auto now = std::chrono::steady_clock::now();
        if (now >= deadline) return false;
        const auto left = std::min(kLongest, std::chrono::ceil<std::chrono::milliseconds>(
                                                 std::min(deadline, now + kLongest) - now));
        std::array<pollfd, 2> watched{{{free_.get(), POLLIN, 0}, {cancel.descriptor(), POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), static_cast<int>(left.count())) < 0 &&
            errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "poll");
        if (watched[1].revents != 0) return false;
        std::uint64_t one = 0;
        if (::read(free_.get(), &one, sizeof one) == sizeof one) return true;
    }
}

void Slots::giveBack() noexcept {
    const std::uint64_t one = 1;
    // The counter never exceeds what it began with.
    [[maybe_unused]] const auto written = ::write(free_.get(), &one, sizeof one);
}

}  // namespace iac::engine

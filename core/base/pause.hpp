#pragma once

#include <poll.h>

#include "base/cancellation.hpp"

namespace iac {

/// Waits that long. False: `cancel` was requested before the time was over.
inline bool pauseFor(int milliseconds, const Cancellation& cancel) {
    pollfd stopped{cancel.descriptor(), POLLIN, 0};
    return ::poll(&stopped, 1, milliseconds) == 0;
}

}  // namespace iac

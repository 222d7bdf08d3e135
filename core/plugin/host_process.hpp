#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/cancellation.hpp"
#include "base/clock.hpp"
#include "base/descriptor.hpp"

namespace iac::plugin {

/// What the host does to itself first thing, because posix_spawn cannot: it hears of the death of
/// the daemon's thread that started it, inherits what its children leave behind, leaves no core
/// file, and moves the request out of the way of what the plugin starts. SIGTERM requests `cancel`,
/// which has to outlive the process. The descriptor of the request. Ends the process when `parent`
/// is gone already.
Descriptor settleIn(pid_t parent, Cancellation& cancel);

/// bytes of address space for this process and for each it starts; 0: no limit. Without effect in a
/// build with the address or thread sanitizer, which reserve terabytes of it.
void limitMemory(std::uint64_t bytes);
/// The same of processor time. 0: no limit. Throws std::system_error.
void limitProcessorTime(std::uint64_t seconds);

/// Kills and reaps everything below this process, within about two seconds. False: something is
/// still there, because it sleeps in the kernel.
bool leaveNothing() noexcept;

/// From now on, the end of the request's descriptor requests `cancel`; and when the process is
/// still there `patience` after cancel was requested, whoever requested it, everything below it is
/// killed, and it ends. A thread that stays until the process ends.
void watch(Descriptor request, Cancellation& cancel, Duration patience);

}  // namespace iac::plugin

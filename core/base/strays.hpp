#pragma once

#include <sys/types.h>

#include "base/mutex.hpp"

namespace iac::strays {

/// Which children of this process a Child stands for; all others are strays: what a child left
/// behind when it died, inherited by this process because it is their subreaper.

/// Shared while a child is started and made known, and while one is reaped and forgotten, so that
/// nobody sees a child of ours that is not known yet. [any-thread]
SharedMutex& changing();
void add(pid_t pid) IAC_REQUIRES_SHARED(changing());
void remove(pid_t pid) IAC_REQUIRES_SHARED(changing());

}  // namespace iac::strays

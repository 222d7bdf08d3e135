#pragma once

#include <sys/types.h>

#include <mutex>
#include <shared_mutex>

namespace iac::strays {

/// Which children of this process a Child stands for; all others are strays: what a child left
/// behind when it died, inherited by this process because it is their subreaper.

/// Held while a child is started and made known, and while one is reaped and forgotten, so that
/// nobody sees a child of ours that is not known yet. [any-thread]
std::shared_lock<std::shared_mutex> hold();
/// Both only while held.
void add(pid_t pid);
void remove(pid_t pid);

}  // namespace iac::strays

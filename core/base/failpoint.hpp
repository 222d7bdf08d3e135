#pragma once

namespace iac {

/// A place where a test may have the process killed, as a crash or a power cut would: with
/// IAC_FAILPOINT=name or IAC_FAILPOINT=name:3 in its environment it ends by SIGKILL when it comes
/// here for the first, or the third, time; with IAC_FAILPOINT=name:1:hang this thread does not go
/// on. Only in builds with sanitizers; nothing elsewhere. [any-thread]
void failpoint(const char* name) noexcept;

}  // namespace iac

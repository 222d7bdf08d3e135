#pragma once

#include <memory>
#include <string_view>

namespace iac::plugin {

/// While it lives, this thread is inside that function of that plugin: for the line of a crash. The
/// texts have to outlive it; both end with a NUL.
class CurrentCall {
public:
    CurrentCall(const char* plugin, const char* function);
    ~CurrentCall();
    CurrentCall(const CurrentCall&) = delete;
    CurrentCall& operator=(const CurrentCall&) = delete;

private:
    std::unique_ptr<char[]> stack_;  // for the handler: a plugin may have used up its own
};

/// From now on a signal that ends this process by a defect (SIGSEGV, SIGABRT, ...) writes one line
/// to standard error before it does, which names the plugin and the function that its thread is in.
/// What handled the signal before does so afterwards. Call it once.
void reportCrashes();

}  // namespace iac::plugin

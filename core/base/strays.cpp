#include "base/strays.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "base/guarded.hpp"
#include "base/process.hpp"

namespace iac {
namespace strays {
namespace {

Guarded<std::set<pid_t>>& known() {
    static Guarded<std::set<pid_t>> pids;
    return pids;
}

bool isKnown(pid_t pid) {
    return known().lock()->count(pid) > 0;
}

// Kills and reaps what is there now; whether there was any.
bool killRound() {
    const auto alone = changing().lock();
    bool found = false;
    for (const pid_t pid : childrenOf(::getpid())) {
        if (isKnown(pid)) continue;
        found = true;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, WNOHANG);
    }
    return found;
}

}  // namespace

SharedMutex& changing() {
    static SharedMutex mutex;
    return mutex;
}

void add(pid_t pid) {
    known().lock()->insert(pid);
}

void remove(pid_t pid) {
    known().lock()->erase(pid);
}

}  // namespace strays

bool killStrays() noexcept try {
    // A killed stray hands its own children on to us: the next round sees them. One that sleeps in
    // the kernel is not waited for longer than this.
    constexpr std::chrono::seconds kPatience{2};
    constexpr std::chrono::milliseconds kLongestPause{50};
    const auto until = std::chrono::steady_clock::now() + kPatience;
    for (std::chrono::milliseconds pause{1}; strays::killRound();
         pause = std::min(2 * pause, kLongestPause)) {
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(pause);
    }
    return true;
} catch (const std::exception&) {
    // Out of memory: the next call tries again.
    return false;
}

void reapStrays() noexcept try {
    const auto alone = strays::changing().lock();
    while (true) {
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
        if (strays::isKnown(info.si_pid)) return;  // its Child reaps it; the others are for later
        ::waitpid(info.si_pid, nullptr, WNOHANG);
    }
} catch (const std::exception&) {
    return;  // as above
}

}  // namespace iac

#include "plugin/host_process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <system_error>
#include <thread>

#include "base/process.hpp"

namespace iac::plugin {
namespace {

constexpr int kEndedByItself = 70;  // nobody is left to read it: for strace and the kernel's log

Cancellation* cancel_of_process = nullptr;

extern "C" void requestCancel(int) {
    const int before = errno;
    cancel_of_process->request();
    errno = before;
}

// A handler, not a blocked signal: what the plugin starts by itself must not inherit a blocked
// SIGTERM.
void listen(Cancellation& cancel) {
    cancel_of_process = &cancel;
    struct sigaction action {};
    action.sa_handler = requestCancel;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGTERM, &action, nullptr);
    // A daemon that is gone must not cost us the end that we owe to what we started.
    ::signal(SIGPIPE, SIG_IGN);
}

void waitFor(int descriptor, int other) {
    std::array<pollfd, 2> watched{{{descriptor, POLLIN, 0}, {other, POLLIN, 0}}};
    while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) continue;
}

}  // namespace

Descriptor settleIn(pid_t parent, Cancellation& cancel) {
    listen(cancel);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(kEndedByItself);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);

    constexpr int kAbove = 10;
    Descriptor request(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, kAbove));
    const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!request || !nothing || ::dup2(nothing.get(), STDIN_FILENO) < 0)
        throw std::system_error(errno, std::generic_category(), "cannot set standard input aside");
    return request;
}

void limitMemory(std::uint64_t bytes) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    if (bytes == 0) return;
    const rlimit limit{bytes, bytes};
    if (::setrlimit(RLIMIT_AS, &limit) != 0)
        throw std::system_error(errno, std::generic_category(),
                                "cannot limit its memory to " + std::to_string(bytes) + " bytes");
#else
    static_cast<void>(bytes);
#endif
}

// SIGXCPU at the limit; what ignores that is killed a few seconds later.
void limitProcessorTime(std::uint64_t seconds) {
    if (seconds == 0) return;
    constexpr std::uint64_t kPatience = 5;
    const rlimit limit{seconds, seconds + kPatience};
    if (::setrlimit(RLIMIT_CPU, &limit) != 0)
        throw std::system_error(
            errno, std::generic_category(),
            "cannot limit its processor time to " + std::to_string(seconds) + " s");
}

bool leaveNothing() noexcept {
    using SteadyClock = std::chrono::steady_clock;
    // What was killed ends within moments. What sleeps in the kernel may never: it is left to the
    // daemon, which inherits it.
    constexpr std::chrono::seconds kPatience{2};
    constexpr std::chrono::milliseconds kLongestPause{100};
    const auto until = SteadyClock::now() + kPatience;
    for (std::chrono::milliseconds pause{1};;) {
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG) != 0) {
            if (errno == EINTR) continue;
            return true;  // ECHILD: whoever is below us has an ancestor that is our child
        }
        if (info.si_pid != 0) continue;
        if (SteadyClock::now() >= until) return false;
        killDescendants(::getpid());
        std::this_thread::sleep_for(pause);
        pause = std::min(2 * pause, kLongestPause);
    }
}

void watch(Descriptor request, Cancellation& cancel, Duration patience) {
    auto kept = std::make_shared<Descriptor>(std::move(request));
    std::thread([kept, &cancel, patience] {
        waitFor(kept->get(), cancel.descriptor());
        cancel.request();
        std::this_thread::sleep_for(patience);
        leaveNothing();
        ::_exit(kEndedByItself);
    }).detach();
}

}  // namespace iac::plugin

#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancellation.hpp"
#include "base/clock.hpp"
#include "base/descriptor.hpp"

namespace iac {

/// A program to start. No shell is involved; nothing is inherited but what is named here.
struct Program {
    std::vector<std::string>
        argv;  ///< argv[0] without a slash is looked up in the PATH of `environment`
    std::vector<std::string> environment;  ///< all of it, "NAME=value"
    std::string directory;                 ///< empty: the caller's own
    bool may_switch_user = false;  ///< has CAP_SETUID and CAP_SETGID, where the caller has them
};

/// How a process ended.
struct Exit {
    int code = 0;  ///< exit code, or minus the signal that ended it
    bool operator==(const Exit&) const = default;
};
/// "exit code 7", "signal 9 (Killed)".
std::string toText(Exit exit);

/// A running child process in a process group of its own, started with posix_spawn (0.6 ms whatever
/// the size of the parent; fork is seventy times that at 1 GiB). The destructor kills what still
/// runs.
///
/// The parent-death signal belongs to the thread that made the child: that thread has to outlive
/// it.
class Child {
public:
    enum class Group { own, own_session };
    /// The child's descriptors: {ours, its number there}. 0, 1, 2 that are not named are /dev/null.
    using Descriptors = std::vector<std::pair<int, int>>;

    /// Throws std::runtime_error with a sentence that names the program and why it cannot be
    /// started.
    Child(const Program& program, const Descriptors& descriptors, Group group = Group::own);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const noexcept { return pid_; }
    /// Readable once the child has ended; for poll(2).
    int ended() const noexcept { return pidfd_.get(); }
    /// Waits for the end and reaps it. May be asked again.
    Exit wait();
    /// Signals the whole process group, if the child is not reaped yet.
    void signalGroup(int signal) const noexcept;

private:
    pid_t pid_ = -1;
    Descriptor pidfd_;
    std::optional<Exit> exit_;
};

/// Kills every descendant of a process, again and again until none is left, and not the process
/// itself. Complete while `pid` is their subreaper (PR_SET_CHILD_SUBREAPER) or the calling process.
void killDescendants(pid_t pid) noexcept;

/// The children of a process, the ended ones that nobody reaped yet too.
std::vector<pid_t> childrenOf(pid_t pid);

/// Kills and reaps every child of this process that no Child stands for: what a child left behind
/// when it died, where this process is their subreaper. False: some are still there after about two
/// seconds, because they sleep in the kernel. [any-thread]
bool killStrays() noexcept;
/// Only reaps those of them that have ended. Costs one system call when there are none.
void reapStrays() noexcept;

/// What a run may take, and where its output goes.
struct RunLimits {
    Duration timeout{0};    ///< 0: none
    Duration grace{5'000};  ///< between SIGTERM and SIGKILL to the group
    Duration drain{2'000};  ///< how long output is awaited after the end, from what outlives it
    const Cancellation* cancel = nullptr;
    /// stream 1 is stdout, 2 stderr. Called on the thread that called run(). May be empty.
    std::function<void(int stream, std::string_view bytes)> output;
};

struct RunEnd {
    enum class How { exited, timed_out, cancelled };
    How how = How::exited;
    Exit exit;  ///< for the other two: how it ended when it was told to
};

/// Runs a program to its end. Its group is gone when this returns: what it left behind is killed.
/// `input` is its standard input (empty: /dev/null). Throws std::runtime_error when it cannot be
/// started.
RunEnd run(const Program& program, std::string_view input, const RunLimits& limits);

}  // namespace iac

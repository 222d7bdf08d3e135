#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/descriptor.hpp"

namespace iac {

/// What all processes of one cgroup may take together; 0: no limit.
struct CgroupLimits {
    std::uint64_t memory = 0;  ///< bytes: memory.max
    int processes = 0;         ///< and threads: pids.max
    int cpu_percent = 0;       ///< of one processor: cpu.max
    bool operator==(const CgroupLimits&) const = default;
};

/// A cgroup (version 2) for the processes of one step. They cannot leave it, whatever they do with
/// groups, sessions and parents: the kernel ends all of them at once.
class Cgroup {
public:
    /// Kills what is in it and removes it, within about two seconds; a process that sleeps in the
    /// kernel makes it stay, which is logged.
    ~Cgroup();
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;

    /// Takes the process in, and from then on all that it starts. Throws std::system_error.
    void add(pid_t pid) const;
    /// SIGKILL to every process in it.
    void kill() const noexcept;
    const std::filesystem::path& folder() const noexcept { return folder_; }

private:
    friend class Cgroups;
    Cgroup(std::filesystem::path folder, const CgroupLimits& limits);
    bool awaitEmpty() const noexcept;

    const std::filesystem::path folder_;
};

/// The cgroup in which those of the steps are made. [any-thread]
class Cgroups {
public:
    /// None are used, for this reason.
    explicit Cgroups(std::string why_not);
    /// parent: a folder of a cgroup2 file system; empty: the cgroup of this process, which then
    /// moves into one below it ("iac-runner") where the kernel asks for that. Before the first
    /// thread and the first child are made. Nothing is thrown: reason() says why none are used.
    static std::unique_ptr<Cgroups> open(const std::filesystem::path& parent);
    /// The same without a change to anything: what open() would find.
    static std::unique_ptr<Cgroups> look(const std::filesystem::path& parent);

    bool used() const noexcept { return why_not_.empty(); }
    /// "used: /sys/fs/cgroup/system.slice/iac-runner.service", "not used: /sys/fs/cgroup is not
    /// writable".
    std::string describe() const;
    /// Which of the limits the kernel does not enforce here, and why; empty: all are.
    std::string unenforced(const CgroupLimits& limits) const;

    /// A new one. Null: none are used. Throws std::system_error when it cannot be made.
    std::unique_ptr<Cgroup> make(const CgroupLimits& limits) const;

private:
    Cgroups(std::filesystem::path parent, std::string controllers);
    static std::unique_ptr<Cgroups> find(const std::filesystem::path& parent, bool change);
    bool enforces(const char* controller) const;

    std::filesystem::path parent_;
    std::string why_not_;
    std::string controllers_;  ///< " memory pids cpu ": what its children can be limited by
    mutable std::atomic<unsigned> made_{0};
};

}  // namespace iac

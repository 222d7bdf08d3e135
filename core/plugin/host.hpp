#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/account.hpp"
#include "base/cancellation.hpp"
#include "base/cgroup.hpp"
#include "base/clock.hpp"
#include "plugin/registry.hpp"

namespace iac::plugin {

inline constexpr std::size_t kMostEmitted = 1'000;
inline constexpr std::size_t kMostEmittedBytes = 16u << 20;

/// One call of a plugin in a child process.
struct HostedCall {
    const Plugin* plugin = nullptr;
    std::string config;                    ///< JSON text, complete by the plugin's schema
    std::string input;                     ///< JSON text
    std::string_view body;                 ///< of a trigger's request: any bytes, its `body`
    std::vector<std::string> environment;  ///< all of it, for what exec() runs: "NAME=value"
    std::vector<std::string> secrets;      ///< names of `environment` that secret() answers
    std::filesystem::path directory;       ///< the work tree: where exec() runs; empty: none
    Duration timeout{600'000};
    Duration grace{10'000};      ///< between asking it to stop and killing it
    std::uint64_t memory = 0;    ///< bytes, of each process; 0: no limit
    Duration processor_time{0};  ///< whole seconds, of each process; 0: no limit
    const Cancellation* cancel = nullptr;
    const Cgroups* cgroups = nullptr;  ///< where it gets one of its own; null: it gets none
    CgroupLimits limits;               ///< of that
    const Account* user = nullptr;     ///< whom it runs as; null: the user of this process
    std::size_t most_emitted = kMostEmitted;
    std::size_t most_emitted_bytes = kMostEmittedBytes;
    std::string check;  ///< a test of plugin/check_host.hpp instead of call(); empty: none
};

/// Gets what the child says while it runs; on the thread that called callInHost(). Bytes are not
/// masked yet.
struct HostedEvents {
    std::function<void(int level, std::string_view sentence)> log;
    std::function<void(int stream, std::string_view bytes)> output;
    std::function<void(double fraction, std::string_view sentence)> progress;
    std::function<void(std::string_view secret)> mask;  ///< before anything that may hold it
};

/// How it ended.
struct HostedResult {
    enum class End {
        returned,   ///< call() returned `status`
        crashed,    ///< the child died, or ended without an answer: `message` says how
        timed_out,  ///< it had to be stopped at its deadline
        cancelled,  ///< it was asked to stop, and did or was killed
        refused,    ///< it could not be started, or create() failed
    };
    End end = End::crashed;
    std::int32_t status = 5;           ///< an iac_status; IAC_INTERNAL unless `returned`
    std::string message;               ///< a sentence whenever status is not IAC_OK
    std::vector<std::string> emitted;  ///< JSON texts, in order; at most most_emitted
    bool emitted_cut = false;          ///< it emitted more, which was dropped
    std::optional<int> exit_code;      ///< of the last program exec() ran
    std::string plugin;                ///< its id and file, for a sentence
};

/// Runs one call of a plugin in a child process (the program plugin-host) and waits for its end.
/// Where the host has no room for a process now (EAGAIN, ENOMEM, EMFILE), it is tried again for
/// about half a minute.
/// When this returns, every process the plugin started is gone. A plugin that crashes, hangs,
/// floods or ignores every signal ends here as a result with a sentence. Blocks; [any-thread]; the
/// calling thread has to stay until it returns.
HostedResult callInHost(const HostedCall& call, const HostedEvents& events);

/// Makes this process the one that inherits what its children leave behind, so that nothing escapes
/// when a plugin host dies before its own children. Once, at the start of the daemon.
void adoptOrphans();

}  // namespace iac::plugin

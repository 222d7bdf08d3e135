#pragma once

#include <iac/plugin.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancellation.hpp"
#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "plugin/value.hpp"

namespace iac::plugin {

/// The services that outlive a call: reading values, checking signatures. One table for all.
const iac_host* hostServices() noexcept;

/// Gets what a plugin says during a call. [any-thread] Views are valid until the function returns.
class CallEvents {
public:
    virtual ~CallEvents() = default;
    virtual void log(int level, std::string_view sentence) = 0;
    virtual void output(int stream, std::string_view bytes) = 0;
    virtual void progress(double fraction, std::string_view sentence) = 0;
    virtual void emit(std::string_view json) = 0;
    /// A program that exec() ran has ended: its exit code, or minus its signal.
    virtual void exited(int code) = 0;
    /// A secret that it has fetched: masked from here on, before anything else that it says.
    virtual void mask(std::string_view secret) = 0;
};

/// What exec() gives every program of a call.
struct ExecRoom {
    std::vector<std::string> environment;  ///< all of it, "NAME=value"; never the runner's own
    std::string directory;                 ///< empty: the current one
    Duration grace{10'000};                ///< between SIGTERM and SIGKILL
    std::vector<std::string> secrets;      ///< names of `environment` that secret() answers
};

/// What one call may say in the runner's log, and have masked.
inline constexpr std::size_t kMostLogLines = 1'000;
inline constexpr std::size_t kLongestLogLine = 4u << 10;
inline constexpr std::size_t kMostMasked = 100;

/// The services a plugin has during one call, as the table of C functions it gets. Nothing thrown
/// on our side reaches the plugin: it is kept as fault().
class CallServices {
public:
    /// cancel: may be nullptr. All arguments have to outlive this.
    CallServices(CallEvents& events, const ExecRoom& room, const Cancellation* cancel);

    const iac_call* table() const { return &table_; }
    /// Why the runner could not take what the plugin said; empty when all was taken.
    std::string fault() const;

private:
    struct Thunks;
    iac_status exec(const iac_exec& asked, std::int32_t* exit_code, iac_error* error);
    void log(int level, std::string_view sentence);
    void mask(std::string_view secret);
    std::string_view secret(std::string_view name) const;
    bool cancelled() const { return cancel_ != nullptr && cancel_->requested(); }

    CallEvents& events_;
    const ExecRoom& room_;
    const Cancellation* cancel_;
    iac_call table_;
    mutable Guarded<std::deque<std::unique_ptr<const Document>>> parsed_;
    mutable Guarded<std::string> fault_;
    std::atomic<std::size_t> logged_{0}, masked_{0};
};

/// The beginning of a text, at most so many bytes, cut at a whole character.
std::string_view beginning(std::string_view text, std::size_t most) noexcept;

/// Writes a sentence into the border's fixed room, cut at a whole character.
void write(iac_error* error, std::string_view sentence) noexcept;

/// Whether a struct that begins with its size covers the member that ends at `end`.
inline bool covers(std::uint32_t size, std::size_t end) noexcept {
    return size >= end;
}

/// The end of the last member that ABI 1.0 has: less than that is no such struct.
inline constexpr std::size_t kExecSize = offsetof(iac_exec, user) + sizeof(void*);
inline constexpr std::size_t kHttpSize = offsetof(iac_http, body_limit) + sizeof(std::uint64_t);
inline constexpr std::size_t kPluginSize = offsetof(iac_plugin, call) + sizeof(void*);

}  // namespace iac::plugin

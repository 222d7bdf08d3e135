#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/descriptor.hpp"
#include "model/event.hpp"

namespace iac::history {

/// Where the output of an attempt of a step is kept: DATA/logs/DEPLOYMENT/STEP-ATTEMPT.log
std::filesystem::path stepLogFile(const std::filesystem::path& data, DeploymentId deployment,
                                  StepId step, int attempt);

/// Writes the output of one attempt as it comes, in constant memory: the first half of `limit`
/// bytes as it is, then only the last half, with a line between that says how much was left out.
/// While the step runs the file grows; finish() puts it into order. One thread.
class StepLog {
public:
    /// Throws std::system_error.
    StepLog(std::filesystem::path file, std::uint64_t limit);
    ~StepLog();  ///< finish(), errors ignored
    StepLog(const StepLog&) = delete;
    StepLog& operator=(const StepLog&) = delete;

    /// A full disk is no error: it must not end the task that prints. What could not be written is
    /// counted, and said at the end of the log when there is room again.
    void write(std::string_view bytes);
    void finish();
    /// The last bytes written, at most kTail: for the diagnosis.
    const std::string& tail() const noexcept { return tail_; }
    static constexpr std::size_t kTail = 64u << 10;

private:
    std::filesystem::path file_;
    std::uint64_t head_, ring_;  ///< bytes kept of the beginning, and of the end
    std::uint64_t written_ = 0;  ///< bytes that were written
    std::uint64_t lost_ = 0;     ///< bytes that could not be
    std::string tail_;
    Descriptor out_;
};

}  // namespace iac::history

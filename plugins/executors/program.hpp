// What the executors that run a program have in common.
#pragma once

#include <iac/plugin.hpp>
#include <string>
#include <string_view>

namespace iac::executors {

/// The end of what a program wrote to its standard error: enough for the line that says why it
/// failed, however much it writes.
class Tail {
public:
    static constexpr std::size_t kMost = 8u << 10;

    void add(std::string_view bytes);
    /// The last line with something in it, fit for a sentence: short, without escape sequences.
    std::string lastLine() const;

private:
    std::string text_;
};

/// At most 300 bytes of a text, cut at a whole character.
std::string shortened(std::string text);

/// `with.directory` of the service as an absolute path; empty: the top of the work tree.
/// iac::invalid when it leaves the work tree, iac::fail when it is not there.
std::string directoryOf(const Step& step);

/// "what was ended by signal 9 (SIGKILL)".
[[noreturn]] void failWithSignal(const std::string& what, int signal);

}  // namespace iac::executors

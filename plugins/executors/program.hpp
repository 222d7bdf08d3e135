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
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

/// The ends of what a program wrote to its output and its errors, and the line of them that says
/// why it failed. The same for every executor that runs a program.
class Printed {
public:
    void add(int stream, std::string_view bytes);
    /// The exception of a Python traceback, else the last line of the errors that is no heading and
    /// no border, else the same of the output. Fit for a sentence; empty: nothing says why.
    std::string reason() const;

private:
    Tail out_, err_;
};

/// "exit code 3"; with the signal, where a shell or invoke passes one on as 137 or 247.
std::string exitText(int code);

/// At most 300 bytes of a text, cut at a whole character.
std::string shortened(std::string text);

/// `with.directory` of the service as an absolute path; empty: the top of the work tree.
/// iac::invalid when it leaves the work tree, iac::fail when it is not there.
std::string directoryOf(const Step& step);

/// "what was ended by signal 9 (SIGKILL)".
[[noreturn]] void failWithSignal(const std::string& what, int signal);

}  // namespace iac::executors

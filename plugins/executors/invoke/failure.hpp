#pragma once

#include <iac/plugin.hpp>
#include <string>
#include <string_view>

namespace iac::invoke {

/// The end of what a program wrote to its standard error: enough for the line that says why it
/// failed, however much it writes.
class Tail {
public:
    static constexpr std::size_t kMost = 8 * 1024;

    void add(std::string_view bytes);
    /// The last line with something in it, fit for a sentence: short, without escape sequences.
    std::string lastLine() const;

private:
    std::string text_;
};

/// What was run, as far as messages need it.
struct Run {
    std::string program;     // "invoke"
    std::string task;        // "postgres.sync"
    std::string collection;  // "tasks"
    std::string revision;    // the full SHA
};

/// No task of that name: iac::fail that names it.
[[noreturn]] void failWithoutTask(const Run& run, const std::string& name);

/// The task did not end with exit code 0: iac::fail with why, as far as its last words tell.
/// exit_code: minus the signal that ended it.
[[noreturn]] void failWith(const Run& run, int exit_code, const Tail& tail);

}  // namespace iac::invoke

// exec(): a program in a process group of its own, through base's run().
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "base/process.hpp"
#include "plugin/services.hpp"

namespace iac::plugin {
namespace {

constexpr std::string_view kDefaultPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::string_view kDefaultLanguage = "LANG=C.UTF-8";
constexpr double kLongestSeconds = 7 * 24 * 3600;

// A NUL would silently end an argument where the program sees it, not where the plugin wrote it.
std::string checked(iac_text given, const char* what) {
    const std::string_view text = view(given);
    if (text.find('\0') != std::string_view::npos)
        throw std::invalid_argument(std::string("exec: ") + what + " holds a NUL byte");
    return std::string(text);
}

std::string_view nameOf(std::string_view variable) {
    return variable.substr(0, variable.find('=') + 1);
}

bool has(const std::vector<std::string>& environment, std::string_view name) {
    return std::any_of(environment.begin(), environment.end(),
                       [&](std::string_view one) { return one.starts_with(name); });
}

void set(std::vector<std::string>& environment, std::string variable) {
    if (variable.find('=') == std::string::npos || variable.front() == '=')
        throw std::invalid_argument("exec: \"" + variable +
                                    "\" in its environment is not NAME=value");
    const std::string name(nameOf(variable));
    std::erase_if(environment, [&](const std::string& one) { return one.starts_with(name); });
    environment.push_back(std::move(variable));
}

Program programOf(const iac_exec& asked, const ExecRoom& room) {
    Program program;
    for (std::size_t i = 0; i < asked.argc; ++i)
        program.argv.push_back(checked(asked.argv[i], "an argument"));
    if (program.argv.empty() || program.argv[0].empty())
        throw std::invalid_argument("exec: argv is empty; its first element names the program");
    program.environment = room.environment;
    for (std::size_t i = 0; i < asked.environment_count; ++i)
        set(program.environment, checked(asked.environment[i], "its environment"));
    for (const auto variable : {kDefaultPath, kDefaultLanguage})
        if (!has(program.environment, nameOf(variable))) program.environment.emplace_back(variable);
    program.directory =
        asked.directory.size > 0 ? checked(asked.directory, "its directory") : room.directory;
    return program;
}

Duration timeoutOf(double seconds) {
    if (!(seconds > 0)) return Duration{0};  // also for NaN
    return std::max(Duration{1}, Duration(std::llround(std::min(seconds, kLongestSeconds) * 1000)));
}

std::string secondsText(Duration duration) {
    std::string text = std::to_string(static_cast<double>(duration.count()) / 1000);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text + " s";
}

}  // namespace

iac_status CallServices::exec(const iac_exec& asked, std::int32_t* exit_code, iac_error* error) {
    Program program;
    try {
        program = programOf(asked, room_);
    } catch (const std::invalid_argument& invalid) {
        write(error, invalid.what());
        return IAC_INVALID;
    }
    const std::string name = program.argv[0];
    if (cancelled()) {
        write(error, name + " was not started: the step had to end");
        return IAC_CANCELLED;
    }
    const bool quiet = (asked.flags & IAC_EXEC_QUIET) != 0;
    RunLimits limits;
    limits.timeout = timeoutOf(asked.timeout_seconds);
    limits.grace = room_.grace;
    limits.cancel = cancel_;
    limits.output = [&](int stream, std::string_view bytes) {
        if (asked.sink != nullptr) asked.sink(asked.user, stream, text(bytes));
        if (!quiet) events_.output(stream, bytes);
    };
    const RunEnd end = run(program, view(asked.input), limits);
    events_.exited(end.exit.code);
    if (exit_code != nullptr) *exit_code = end.exit.code;
    switch (end.how) {
        case RunEnd::How::exited:
            return IAC_OK;
        case RunEnd::How::timed_out:
            write(error,
                  name + " did not end in " + secondsText(limits.timeout) + " and was stopped");
            return IAC_FAILED;
        case RunEnd::How::cancelled:
            break;
    }
    write(error, name + " was stopped: the step had to end");
    return IAC_CANCELLED;
}

}  // namespace iac::plugin

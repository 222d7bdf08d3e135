#pragma once

#include <string>

#include "../program.hpp"

namespace iac::invoke {

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
[[noreturn]] void failWith(const Run& run, int exit_code, const executors::Printed& printed);

}  // namespace iac::invoke

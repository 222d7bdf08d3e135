#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "plugin/check.hpp"
#include "plugin/registry.hpp"

namespace iac::plugin {

/// One test of plugin/check_host.hpp, and what it is asked.
struct CheckTask {
    const Plugin* plugin = nullptr;
    std::string test;
    std::string config, input;             ///< JSON texts
    bool given = false;                    ///< the settings are the author's, not made up
    Duration opening{0};                   ///< what opening the file took, if this process did it
    std::vector<std::string> environment;  ///< for a call for real: all of it
    std::filesystem::path directory;       ///< the same: its work tree
    std::function<void(int stream, std::string_view bytes)> output;  ///< may be empty
};

/// What it found; a sentence unless all is well.
struct Finding {
    CheckResult::Is is = CheckResult::Is::ok;
    std::string sentence;
};

/// In a plugin host of its own, with a time limit: what crashes or hangs is a finding.
Finding carryOutInHost(const CheckTask& task);

/// In this process, which a crash ends; without a time limit, because a debugger may hold it.
Finding carryOutHere(const CheckTask& task);

}  // namespace iac::plugin

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace iac::plugin {

/// What one test said about one plugin of a file.
struct CheckResult {
    enum class Is { ok, warning, failed, crashed, skipped };
    Is is = Is::ok;
    std::string test;      ///< "missing-input"
    std::string plugin;    ///< its id; empty: the whole file
    std::string sentence;  ///< empty when all is well
    double seconds = 0;
};

/// "ok", "warning", "FAIL", "crashed", "skipped"
std::string_view toText(CheckResult::Is is);

struct CheckWish {
    std::string
        example;       ///< JSON text: {"with": {...}, "input": {...}}; empty: made from the schema
    std::string only;  ///< the name of one test; empty: all of them
    bool for_real = false;  ///< at the end one call for real, "run", on the example's input
    /// In this process, for a debugger: without time limits, and a crash ends it.
    bool in_process = false;
    /// Told before each test; what was told last is what a crash belongs to. May be empty.
    std::function<void(const std::string& test, const std::string& plugin)> begins = {};
    /// What a call for real prints. May be empty.
    std::function<void(int stream, std::string_view bytes)> output = {};
};

/// The names of all tests, in the order in which they run.
const std::vector<std::string>& checkNames();

/// Puts a plugin file through its tests, each in a child process with a time limit: what crashes or
/// hangs is a result. exec() and http() only pretend, so that nothing is started and nothing is
/// sent, unless it is wished for. Throws std::invalid_argument when the wish makes no sense.
std::vector<CheckResult> checkFile(const std::filesystem::path& file, const CheckWish& wish);

}  // namespace iac::plugin

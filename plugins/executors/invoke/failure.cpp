#include "failure.hpp"

namespace iac::invoke {
namespace {

// What stands between prefix and suffix; empty when the line is not of that form.
std::string between(std::string_view line, std::string_view prefix, std::string_view suffix) {
    if (line.size() < prefix.size() + suffix.size() || line.substr(0, prefix.size()) != prefix ||
        line.substr(line.size() - suffix.size()) != suffix)
        return {};
    line.remove_prefix(prefix.size());
    line.remove_suffix(suffix.size());
    return std::string(line);
}

[[noreturn]] void failWithoutCollection(const Run& run) {
    fail("No " + run.collection + ".py (nor a package of that name) at " + run.revision,
         {"missing_collection",
          "Add " + run.collection +
              ".py to the repository, or say in `with.directory` and `with.collection` of the "
              "service where it is."});
}

}  // namespace

void failWithoutTask(const Run& run, const std::string& name) {
    std::string next = "Add the task to " + run.collection +
                       ".py, or change `with.task` of the service; see what there is with `" +
                       run.program + " --list`.";
    if (name.find('_') != std::string::npos)
        next += " invoke spells names with \"-\": my_task is called \"my-task\".";
    fail("No task \"" + name + "\" in " + run.collection + ".py at " + run.revision,
         {"missing_task", next});
}

void failWith(const Run& run, int exit_code, const executors::Printed& printed) {
    if (exit_code < 0) executors::failWithSignal(run.program + " " + run.task, -exit_code);
    const std::string line = printed.reason();
    // invoke says these before it runs anything, and always with exit code 1.
    if (exit_code == 1) {
        const auto unknown = between(line, "No idea what '", "' is!");
        if (!unknown.empty() && unknown[0] == '-')
            fail("Task \"" + run.task + "\" takes no option \"" + unknown + "\"",
                 {"bad_arguments", "Change `with.args` of the service; see `" + run.program +
                                       " --help " + run.task + "`."});
        if (!unknown.empty()) failWithoutTask(run, unknown);
        if (!between(line, "Can't find any collection named '", "'!").empty())
            failWithoutCollection(run);
    }
    // An exit code alone explains nothing: the runner's rules look at what the task printed.
    fail(run.program + " " + run.task + " ended with " + executors::exitText(exit_code) +
         (line.empty() ? "" : ": " + line));
}

}  // namespace iac::invoke

// iac.invoke: runs one pyinvoke task for each step, in the work tree of the revision.

#include <iac/plugin.hpp>

#include "failure.hpp"

namespace {

using iac::Outcome;
using iac::Value;
using iac::executors::Printed;
using iac::invoke::Run;

// What `invoke --list` may say, in bytes.
constexpr std::size_t kLongestList = 4u << 20;

// Whether one collection of `invoke --list --list-format=json` has the task "a.b.c": of the name or
// alias, or as the default task of a collection of that name.
bool hasTask(Value collection, std::string_view task) {
    for (auto dot = task.find('.');; dot = task.find('.')) {
        const auto first = task.substr(0, dot);
        const Value tasks = collection.get<Value>("tasks");
        for (std::size_t i = 0; dot == task.npos && i < tasks.count(); ++i) {
            if (tasks[i].get<std::string>("name") == first) return true;
            for (const auto& alias : tasks[i].get<std::vector<std::string>>("aliases", {}))
                if (alias == first) return true;
        }
        const Value nested = collection.get<Value>("collections");
        std::size_t found = 0;
        while (found < nested.count() && nested[found].get<std::string>("name") != first) ++found;
        if (found == nested.count()) return false;
        collection = nested[found];
        if (dot == task.npos) return collection.find<std::string>("default").has_value();
        task.remove_prefix(dot + 1);
    }
}

class Invoke final : public iac::Executor {
public:
    static constexpr iac::Info info{"iac.invoke", "1.0.0", "Runs a pyinvoke task for each service"};
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "program": {
                "type": "string", "minLength": 1, "default": "invoke",
                "description": "The program, looked up in PATH.", "examples": ["/opt/venv/bin/invoke"]}}})";
    static constexpr const char* service_schema = R"({
        "type": "object", "required": ["task"], "additionalProperties": false,
        "properties": {
            "task": {
                "type": "string", "minLength": 1,
                "description": "The task, as `invoke --list` names it.", "examples": ["postgres.sync"]},
            "args": {
                "type": "array", "items": {"type": "string"}, "default": [],
                "description": "Arguments of the task.", "examples": [["--force"]]},
            "directory": {
                "type": "string", "default": "",
                "description": "Where to run it, relative to the top of the work tree."},
            "collection": {
                "type": "string", "default": "",
                "description": "The Python module that holds the tasks, where it is not `tasks`."}}})";

    explicit Invoke(const Value& config) : program_(config.get<std::string>("program", "invoke")) {}

    Outcome execute(const iac::Step& step, const iac::Call& call) override {
        const auto task = step.with.get<std::string>("task");
        const auto collection = step.with.get<std::string>("collection", "");
        if (task.empty() || task[0] == '-')
            iac::invalid("with.task: \"" + task + "\" is no task, it would be taken for an option");
        if (!collection.empty() && collection[0] == '-')
            iac::invalid("with.collection: \"" + collection + "\" would be taken for an option");

        iac::Command command;
        command.argv = {program_};
        if (!collection.empty()) command.argv.insert(command.argv.end(), {"-c", collection});
        command.directory = iac::executors::directoryOf(step);
        const Run run{program_, task, collection.empty() ? "tasks" : collection, step.revision};
        if (step.dry_run) return rehearse(run, std::move(command), call);

        command.argv.push_back(task);
        for (auto& one : step.with.get<std::vector<std::string>>("args", {}))
            command.argv.push_back(std::move(one));
        Printed printed;
        command.on_output = [&printed](int stream, std::string_view bytes) {
            printed.add(stream, bytes);
        };
        const int exit_code = start(command, call);
        if (exit_code != 0) iac::invoke::failWith(run, exit_code, printed);
        return Outcome::changed();
    }

private:
    int start(const iac::Command& command, const iac::Call& call) const {
        try {
            return call.exec(command);
        } catch (const iac::Error& e) {
            if (e.status() != IAC_FAILED) throw;
            iac::fail(
                program_ + " could not be run: " + e.what(),
                {"program_missing",
                 "Install it on the runner's host (apt-get install python3-invoke), or say in "
                 "`with.program` of the executor where it is."});
        }
    }

    // invoke's own --dry still runs the Python of a task: here nothing of it is run but its import.
    Outcome rehearse(const Run& run, iac::Command command, const iac::Call& call) const {
        Printed printed;
        std::string list;
        command.argv.insert(command.argv.end(), {"--list", "--list-format=json"});
        command.quiet = true;
        command.on_output = [&](int stream, std::string_view bytes) {
            if (stream == 2) printed.add(stream, bytes);
            if (stream == 1) list += bytes.substr(0, kLongestList - list.size());
        };
        const int exit_code = start(command, call);
        if (exit_code != 0) iac::invoke::failWith(run, exit_code, printed);
        if (!hasTask(call.parse(list), run.task)) iac::invoke::failWithoutTask(run, run.task);
        return Outcome::unchanged("would run " + run.program + " " + run.task);
    }

    const std::string program_;
};

}  // namespace

IAC_PLUGINS(Invoke);

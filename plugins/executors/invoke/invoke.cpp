// iac.invoke: runs one pyinvoke task for each step, in the work tree of the revision.

#include <iac/plugin.hpp>

#include "../outcome_rules.hpp"
#include "failure.hpp"
#include "interpreter.hpp"
#include "task_list.hpp"

namespace {

using iac::Outcome;
using iac::Value;
using iac::executors::OutcomeRules;
using iac::executors::Printed;
using iac::invoke::Run;

// How much of what `invoke --list` prints is kept, in bytes.
constexpr std::size_t kLongestList = 4u << 20;

class Invoke final : public iac::Executor {
public:
    static constexpr iac::Info info{"iac.invoke", "1.0.0", "Runs a pyinvoke task for each service"};
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "program": {
                "type": "string", "minLength": 1, "default": "invoke", "x-program": true,
                "description": "The program, looked up in PATH.", "examples": ["/opt/venv/bin/invoke"]},
            "outcomes": {
            "type": "object", "additionalProperties": false,
            "description": "Texts in a line of the output, in any case, that say how a program ended which does not write IAC_OUTPUT.",
            "properties": {
                "unchanged": {
                    "type": "array", "items": {"type": "string", "minLength": 3}, "default": [],
                    "description": "It ended with exit code 0 and changed nothing.", "examples": [["unchanged, skipping"]]},
                "failed": {
                    "type": "array", "items": {"type": "string", "minLength": 3}, "default": [],
                    "description": "It failed, although it ended with exit code 0."},
                "retry": {
                    "type": "array", "items": {"type": "string", "minLength": 3}, "default": [],
                    "description": "It failed for a reason that passes: the step is tried again, up to the executor's `retries`.", "examples": [["connection refused"]]}}}}})";
    static constexpr const char* service_schema = R"({
        "type": "object", "required": ["task"], "additionalProperties": false,
        "properties": {
            "task": {
                "type": "string", "minLength": 1,
                "description": "The task, as `invoke --list` names it.", "examples": ["postgres.sync"]},
            "args": {
                "type": "array", "items": {"type": "string"}, "default": [],
                "description": "Arguments of the task.", "examples": [["--force"]]},
            "before": {
                "type": "array", "items": {"type": "string", "minLength": 1}, "default": [],
                "description": "Tasks that are run before it, one after the other; the step fails with the first that fails.", "examples": [["vault.setup-approle"]]},
            "directory": {
                "type": "string", "default": "",
                "description": "Where to run it, relative to the top of the work tree."},
            "collection": {
                "type": "string", "default": "",
                "description": "The Python module that holds the tasks, where it is not `tasks`."}}})";

    explicit Invoke(const Value& config)
        : program_(config.get<std::string>("program", "invoke")), outcomes_(config) {}

    Outcome execute(const iac::Step& step, const iac::Call& call) override {
        const auto task = step.with.get<std::string>("task");
        const auto collection = step.with.get<std::string>("collection", "");
        auto before = step.with.get<std::vector<std::string>>("before", {});
        refuseOption("task", task);
        if (!collection.empty()) refuseOption("collection", collection);
        for (const auto& one : before) refuseOption("before", one);

        iac::Command command;
        command.directory = iac::executors::directoryOf(step);
        command.argv = iac::invoke::startOf(program_, command.directory, call);
        if (!collection.empty()) command.argv.insert(command.argv.end(), {"-c", collection});
        Run run{program_, task, collection.empty() ? "tasks" : collection, step.revision};
        const auto args = step.with.get<std::vector<std::string>>("args", {});
        if (step.dry_run) return rehearse(run, command, args, call);

        for (auto& one : before) {
            run.task = std::move(one);
            perform(run, command, {}, call);
        }
        run.task = task;
        return perform(run, command, args, call);
    }

private:
    static void refuseOption(const char* setting, const std::string& task) {
        if (task.empty() || task[0] == '-')
            iac::invalid("with." + std::string(setting) + ": \"" + task +
                         "\" would be taken for an option");
    }

    // Runs one task; what its exit code and the rules say of its output.
    Outcome perform(const Run& run, iac::Command command, const std::vector<std::string>& args,
                    const iac::Call& call) const {
        command.argv.push_back(run.task);
        command.argv.insert(command.argv.end(), args.begin(), args.end());
        Printed printed;
        OutcomeRules::Reader rules(outcomes_);
        command.on_output = [&](int stream, std::string_view bytes) {
            printed.add(stream, bytes);
            rules.add(stream, bytes);
        };
        const int exit_code = start(command, call);
        const auto said = rules.said();
        if (said == OutcomeRules::Said::retry)
            iac::retry(run.program + " " + run.task + ": " + rules.line());
        if (exit_code != 0) iac::invoke::failWith(run, exit_code, printed);
        if (said == OutcomeRules::Said::failed)
            iac::fail(run.program + " " + run.task + " printed: " + rules.line());
        if (said == OutcomeRules::Said::unchanged) return Outcome::unchanged(rules.line());
        return Outcome::changed();
    }

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

    // What a quiet run prints to its standard output.
    std::string ask(const Run& run, iac::Command command, const iac::Call& call) const {
        Printed printed;
        std::string out;
        command.quiet = true;
        command.on_output = [&](int stream, std::string_view bytes) {
            if (stream == 2) printed.add(stream, bytes);
            // The list stands at the end: what is printed before it may go.
            if (stream != 1) return;
            out += bytes;
            if (out.size() > 2 * kLongestList) out.erase(0, out.size() - kLongestList);
        };
        if (const int exit_code = start(command, call); exit_code != 0)
            iac::invoke::failWith(run, exit_code, printed);
        return out;
    }

    // invoke's own --dry still runs the Python of a task: only a task that says it has --dry-run is
    // run, with that; of the others nothing is run but their import.
    Outcome rehearse(const Run& run, const iac::Command& command,
                     const std::vector<std::string>& args, const iac::Call& call) const {
        iac::Command list = command;
        list.argv.insert(list.argv.end(), {"--list", "--list-format=json"});
        if (!iac::invoke::listHasTask(call, ask(run, list, call), run.task))
            iac::invoke::failWithoutTask(run, run.task);
        iac::Command help = command;
        help.argv.insert(help.argv.end(), {"--help", run.task});
        if (!takesDryRun(ask(run, help, call)))
            return Outcome::unknown("would run " + run.program + " " + run.task);
        auto all = args;
        all.emplace_back("--dry-run");
        auto outcome = perform(run, command, all, call);
        if (outcomes_.knowsUnchanged()) return outcome;
        return Outcome::unknown("ran " + run.program + " " + run.task + " --dry-run");
    }

    // Whether the help of a task lists the flag: "  -d, --dry-run   What ...".
    static bool takesDryRun(std::string_view help) {
        constexpr std::string_view kFlag = "--dry-run";
        for (auto at = help.find(kFlag); at != help.npos; at = help.find(kFlag, at + 1)) {
            const char before = at == 0 ? ' ' : help[at - 1];
            const auto end = at + kFlag.size();
            const char after = end == help.size() ? ' ' : help[end];
            if ((before == ' ' || before == '\n') && (after == ' ' || after == '\n')) return true;
        }
        return false;
    }

    const std::string program_;
    const OutcomeRules outcomes_;
};

}  // namespace

IAC_PLUGINS(Invoke);

// iac.command: runs a program for each step, in whatever language it is written.

#include <algorithm>
#include <iac/plugin.hpp>

#include "../program.hpp"

namespace {

using iac::Outcome;
using iac::Value;
using iac::executors::Printed;

// An argument as one would type it.
std::string quoted(const std::string& argument) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos)
        return argument;
    std::string out = "'";
    for (const char c : argument) out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

/// What a service wants to be run.
struct Wanted {
    std::vector<std::string> argv;
    std::string name;   // for sentences: "./deploy.py", "the shell command"
    std::string shown;  // as one would type it
};

Wanted wantedBy(const iac::Step& step) {
    const auto command = step.with.find<std::vector<std::string>>("command");
    const auto shell = step.with.find<std::string>("shell");
    if (command.has_value() == shell.has_value())
        iac::invalid("with: say either `command` (a program and its arguments) or `shell`" +
                     std::string(command ? ", not both" : ""));
    if (shell) return {{"/bin/sh", "-e", "-c", *shell}, "the shell command", quoted(*shell)};
    if (command->empty() || command->front().empty())
        iac::invalid("with.command: its first item has to name a program");
    std::string shown;
    for (const auto& one : *command) shown += (shown.empty() ? "" : " ") + quoted(one);
    return {*command, command->front(), shown};
}

// The step as its program reads it: all that the runner says, and of the service's own settings
// those that are meant for the program.
std::string documentOf(const iac::Step& step) {
    iac::Object document;
    for (std::size_t i = 0; i < step.input.count(); ++i)
        if (const auto name = step.input.key(i); name != "with")
            document.raw(name, step.input[i].json());
    const auto settings = step.with.find<Value>("settings");
    document.raw("settings", settings ? settings->json() : "{}");
    return document.text() + "\n";
}

class Command final : public iac::Executor {
public:
    static constexpr iac::Info info{"iac.command", "1.0.0",
                                    "Runs a program, in any language, for each service"};
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "retry_exit_codes": {
                "type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 255},
                "default": [75],
                "description": "Exit codes that say: a passing fault, try again (75 is EX_TEMPFAIL).",
                "examples": [[75, 111]]}}})";
    static constexpr const char* service_schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "command": {
                "type": "array", "items": {"type": "string"}, "minItems": 1, "x-program": true,
                "description": "The program and its arguments; no shell is involved.",
                "examples": [["./deploy.py", "--wait"]]},
            "shell": {
                "type": "string", "minLength": 1, "x-placeholders": false,
                "description": "Instead of `command`: text for `/bin/sh -e -c`. No placeholders: the shell finds the service in $IAC_SERVICE and $IAC_SERVICE_NAME.",
                "examples": ["make image | tee build.log"]},
            "directory": {
                "type": "string", "default": "",
                "description": "Where to run it, relative to the top of the work tree."},
            "settings": {
                "type": "object", "default": {},
                "description": "For the program: `settings` of the JSON document on its standard input."},
            "dry_run": {
                "type": "boolean", "default": false,
                "description": "The program itself changes nothing when IAC_DRY_RUN is 1."}},
        "oneOf": [{"required": ["command"]}, {"required": ["shell"]}]})";

    explicit Command(const Value& config) {
        const auto codes = config.find<Value>("retry_exit_codes");
        if (!codes) return;
        retry_exit_codes_.clear();
        for (std::size_t i = 0; i < codes->count(); ++i)
            retry_exit_codes_.push_back((*codes)[i].get<int>(""));
    }

    Outcome execute(const iac::Step& step, const iac::Call& call) override {
        const Wanted wanted = wantedBy(step);
        iac::Command command{wanted.argv};
        command.directory = iac::executors::directoryOf(step);
        command.input = documentOf(step);
        if (step.dry_run) {
            if (!step.with.get<bool>("dry_run", false))
                return Outcome::unknown(iac::executors::shortened("would run " + wanted.shown));
            command.environment = {"IAC_DRY_RUN=1"};
        }

        Printed printed;
        command.on_output = [&printed](int stream, std::string_view bytes) {
            printed.add(stream, bytes);
        };
        const int exit_code = start(command, call);
        if (exit_code != 0) failWith(wanted, exit_code, printed);
        return step.dry_run ? Outcome::unchanged("dry run of " + wanted.name) : Outcome::changed();
    }

private:
    static int start(const iac::Command& command, const iac::Call& call) {
        try {
            return call.exec(command);
        } catch (const iac::Error& e) {
            if (e.status() != IAC_FAILED) throw;
            iac::fail(e.what(),
                      {"program_missing",
                       "Install it on the runner's host; a file of the repository is named from "
                       "the top of the work tree or `with.directory` (./deploy.sh), and has to be "
                       "executable there (git update-index --chmod=+x)."});
        }
    }

    // An exit code alone explains nothing: the runner's rules look at what the program printed.
    [[noreturn]] void failWith(const Wanted& wanted, int exit_code, const Printed& printed) const {
        if (exit_code < 0) iac::executors::failWithSignal(wanted.name, -exit_code);
        const std::string line = printed.reason();
        const std::string message = wanted.name + " ended with " +
                                    iac::executors::exitText(exit_code) +
                                    (line.empty() ? "" : ": " + line);
        const auto& codes = retry_exit_codes_;
        if (std::find(codes.begin(), codes.end(), exit_code) != codes.end()) iac::retry(message);
        iac::fail(message);
    }

    std::vector<int> retry_exit_codes_{75};
};

}  // namespace

IAC_PLUGINS(Command);

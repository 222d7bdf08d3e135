// @id@: runs one program for each service, in the work tree of the revision.
#include <iac/plugin.hpp>

namespace {

class @Class@ final : public iac::Executor {
public:
    static constexpr iac::Info info{"@id@", IAC_PLUGIN_VERSION, "Runs one program for each service"};

    // What the configuration says once, in executors.NAME.with.
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "program": {
                "type": "string", "minLength": 1, "default": "echo",
                "description": "The program to run, looked up in PATH."}}})";

    // What each service says, in services[].with.
    static constexpr const char* service_schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "arguments": {
                "type": "array", "items": {"type": "string"}, "default": [],
                "description": "Arguments of the program.", "examples": [["--verbose"]]}}})";

    // The settings are valid and complete here. Throw iac::Error to refuse what a schema cannot say.
    explicit @Class@(const iac::Value& config) : program_(config.get<std::string>("program")) {}

    iac::Outcome execute(const iac::Step& step, const iac::Call& call) override {
        std::vector<std::string> argv{program_};
        for (auto& one : step.with.get<std::vector<std::string>>("arguments", {}))
            argv.push_back(std::move(one));
        if (step.dry_run) return iac::Outcome::unknown("would run " + program_);

        // No shell; its output becomes the step's log; cancelling the step ends it.
        const int exit_code = call.exec(argv);
        if (exit_code != 0)
            iac::fail(program_ + " ended with exit code " + std::to_string(exit_code),
                      {"program_failed", "Read the log of the step."});
        return iac::Outcome::changed("ran " + program_ + " for " + step.name);
    }

private:
    const std::string program_;
};

}  // namespace

IAC_PLUGINS(@Class@);

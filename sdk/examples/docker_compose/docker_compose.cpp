// example.docker-compose: brings a service to its revision with `docker compose up -d --wait`, on
// this host or, with ssh://USER@HOST, on another.

#include <filesystem>
#include <iac/plugin.hpp>

#include "mounts.hpp"
#include "output.hpp"

namespace {

using iac::Outcome;
using iac::Value;

class DockerCompose final : public iac::Executor {
public:
    static constexpr iac::Info info{"example.docker-compose", "1.0.0",
                                    "Runs docker compose up -d --wait, here or over SSH"};
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "host": {
                "type": "string", "default": "",
                "description": "Where Docker is; empty: on the runner's own host.",
                "examples": ["ssh://deploy@web1.example.com"]},
            "program": {
                "type": "string", "minLength": 1, "default": "docker",
                "description": "The Docker client, looked up in PATH."},
            "wait_seconds": {
                "type": "integer", "minimum": 1, "maximum": 3600, "default": 120,
                "description": "How long containers may take to become healthy."}}})";
    static constexpr const char* service_schema = R"({
        "type": "object", "required": ["file"], "additionalProperties": false,
        "properties": {
            "file": {
                "type": "string", "minLength": 1,
                "description": "The Compose file, relative to the top of the work tree.",
                "examples": ["platform/01.web/compose.yaml"]},
            "project": {
                "type": "string", "default": "",
                "description": "The Compose project; empty: the service's short name."},
            "wait": {
                "type": "boolean", "default": true,
                "description": "Waits until containers are healthy. Where one is meant to end by itself (a migration), false."},
            "host": {
                "type": "string", "default": "",
                "description": "Another Docker host than the executor's.",
                "examples": ["ssh://deploy@web2.example.com"]}}})";

    explicit DockerCompose(const Value& config)
        : host_(checkedHost(config.get<std::string>("host"))),
          program_(config.get<std::string>("program")),
          wait_(std::to_string(config.get<int>("wait_seconds"))) {}

    Outcome execute(const iac::Step& step, const iac::Call& call) override {
        const std::string file = composeFile(step);
        iac::Command compose{{program_, "compose", "-p", project(step), "-f", file}};
        const std::string host = checkedHost(step.with.get<std::string>("host", ""));
        if (!(host + host_).empty())
            compose.environment = {"DOCKER_HOST=" + (host.empty() ? host_ : host)};
        // Nothing is pulled and nothing is started before the file is known to be right.
        refuseMounts(step, configOf(step, compose, call));
        if (step.dry_run) return Outcome::unknown("would run docker compose up for " + file);

        std::vector<std::string> action{"up", "-d"};
        if (step.with.get<bool>("wait", true))
            for (const auto& one : {std::string("--wait"), std::string("--wait-timeout"), wait_})
                action.push_back(one);
        action.emplace_back("--remove-orphans");
        compose.argv.insert(compose.argv.end(), action.begin(), action.end());
        example::ComposeOutput output;
        compose.on_output = [&output](int, std::string_view bytes) { output.add(bytes); };
        const int exit_code = start(compose, call);
        if (exit_code != 0) giveUp(step, exit_code, output);
        return output.hasChanges() ? Outcome::changed("docker compose brought " + file + " up")
                                   : Outcome::unchanged("docker compose found nothing to change");
    }

private:
    static std::string checkedHost(std::string host) {
        for (const auto* scheme : {"ssh://", "unix://", "tcp://"})
            if (host.compare(0, std::string_view(scheme).size(), scheme) == 0) return host;
        if (!host.empty())
            iac::invalid("host: \"" + host + "\" has to begin with ssh://, unix:// or tcp://");
        return host;
    }

    static std::string project(const iac::Step& step) {
        const auto named = step.with.get<std::string>("project", "");
        const std::string project = named.empty() ? step.name : named;
        constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyz0123456789";
        const std::string all = std::string(kFirst) + "_-";
        if (project.empty() || kFirst.find(project[0]) == kFirst.npos ||
            project.find_first_not_of(all) != project.npos)
            iac::invalid("\"" + project +
                             "\" cannot be a Compose project: it begins with a small letter or "
                             "digit, and holds small letters, digits, \"-\" and \"_\"",
                         {"invalid_project", "Name one in `with.project` of the service."});
        return project;
    }

    // The file as Compose understands it. Its values may be secret: it is in no log.
    Value configOf(const iac::Step& step, iac::Command compose, const iac::Call& call) const {
        constexpr std::size_t kMost = std::size_t{4} << 20;
        for (const auto* one : {"config", "--format", "json"}) compose.argv.emplace_back(one);
        std::string json;
        example::ComposeOutput output;
        compose.quiet = true;
        compose.on_output = [&](int stream, std::string_view bytes) {
            if (stream == 2) {
                output.add(bytes);
                call.output(bytes);
            } else if (json.size() <= kMost) {
                json += bytes;
            }
        };
        const int exit_code = start(compose, call);
        if (exit_code != 0) giveUp(step, exit_code, output);
        if (json.size() > kMost) iac::fail("the Compose file of " + step.name + " is too large");
        return call.parse(json);
    }

    static void refuseMounts(const iac::Step& step, const Value& config) {
        const std::string mounts = example::mountedFromWorkTree(config, step.directory);
        if (mounts.empty()) return;
        iac::fail("the Compose file " + mounts +
                      " from the work tree, which is removed when the step has ended",
                  {"mounts_work_tree",
                   "Build it into the image, use a named volume, or mount an absolute path of the "
                   "Docker host."});
    }

    static std::string composeFile(const iac::Step& step) {
        const std::filesystem::path file = step.with.get<std::string>("file");
        bool leaves = file.is_absolute() || file.string()[0] == '-';
        for (const auto& part : file) leaves = leaves || part == "..";
        if (leaves)
            iac::invalid("with.file: \"" + file.string() + "\" is not inside the work tree");
        std::error_code none;
        if (!std::filesystem::is_regular_file(std::filesystem::path(step.directory) / file, none))
            iac::fail("No file \"" + file.string() + "\" at " + step.revision,
                      {"missing_file", "Add it to the repository, or change `with.file`."});
        return file.string();
    }

    int start(const iac::Command& command, const iac::Call& call) const {
        try {
            return call.exec(command);
        } catch (const iac::Error& e) {
            if (e.status() != IAC_FAILED) throw;
            iac::fail(program_ + " could not be run: " + e.what(),
                      {"program_missing",
                       "Install the Docker client with Compose on the runner's host, or say in "
                       "`with.program` of the executor where it is."});
        }
    }

    [[noreturn]] static void giveUp(const iac::Step& step, int exit_code,
                                    const example::ComposeOutput& output) {
        const std::string how = exit_code < 0 ? "was ended by signal " + std::to_string(-exit_code)
                                              : "ended with exit code " + std::to_string(exit_code);
        const std::string message = "docker compose for " + step.name + " " + how +
                                    (output.lastLine().empty() ? "" : ": " + output.lastLine());
        // With `retries` of the executor, the runner tries again.
        if (output.isUnreachable())
            iac::retry(message, {"docker_unreachable",
                                 "Look whether Docker runs on that host, and whether the runner's "
                                 "user may connect to it."});
        if (output.hasNoCompose())
            iac::fail(message, {"program_missing",
                                "Install the Compose plugin of the Docker client "
                                "(docker-compose-plugin, Compose 2) on the runner's host."});
        if (output.isOneShot())
            iac::fail(message, {"one_shot",
                                "A container that ends by itself is a failure for --wait: say "
                                "`wait: false` in `with` of the service."});
        iac::fail(message, {"compose_failed", "Read the log of the step."});
    }

    const std::string host_, program_, wait_;
};

}  // namespace

IAC_PLUGINS(DockerCompose);

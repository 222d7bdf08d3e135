#pragma once

#include <Poco/JSON/Object.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/cgroup.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "config/cron.hpp"
#include "config/network.hpp"

namespace iac::config {

/// A configuration that does not check. what() is one sentence for each finding, a line each, with
/// file, line and key: `iac-runner.yaml:14: services[2].executor: "invok" is not an executor here
/// (there are: invoke, dokploy)`.
class Invalid : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Limits {
    std::uint64_t webhook_body = 25u << 20;  ///< bytes of a body on the route of a trigger
    std::uint64_t body = 1u << 20;           ///< bytes of every other body
    std::uint64_t bodies_in_flight = 64u << 20;
    Duration request{10'000};  ///< for one whole request
    Duration headers{5'000};
    Duration keep_alive{5'000};
    int connections = 512;
    int connections_per_address = 64;
    int waiting_callers = 64;
    int waiting_callers_per_token = 16;
    int waiting_deployments = 100'000;
    std::uint64_t step_output = 16u << 20;  ///< bytes kept of a step's output, head and tail

    bool operator==(const Limits&) const = default;
};

/// What clients of the service that this runner replaces cannot do without, and others not with.
struct Compatibility {
    bool text_ids = false;    ///< deployment_id in answers of triggers is a text
    int bad_signature = 401;  ///< or 403: the status for a signature that is missing or wrong
};

struct Server {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;    ///< 0: any free one (the log says which)
    std::vector<Secret> secrets;  ///< of server.secret: one, or a list of two while one is rotated
    bool replay_protection_required = true;
    bool anonymous_metrics = false;        ///< GET /metrics needs no token
    std::string public_url;                ///< empty: not known
    std::vector<Network> trusted_proxies;  ///< whose X-Forwarded-For is believed
    Compatibility compatibility;
    Limits limits;
};

/// The most that one revision may hold.
struct RevisionLimits {
    int files = 500'000;
    std::uint64_t size = 4ull << 30;  ///< bytes of all files together

    bool operator==(const RevisionLimits&) const = default;
};

struct Repository {
    std::string url;  ///< https, ssh, file or a path
    std::string branch = "main";
    Duration timeout{300'000};     ///< for one git operation
    std::string username = "git";  ///< logs in at an https address, with `password`
    Secret password;               ///< empty: no login, unless the url has one
    RevisionLimits limits;
    bool strict_fsck = false;  ///< refuses old faults of commits too

    /// The branch as a ref: "refs/heads/main".
    std::string ref() const { return "refs/heads/" + branch; }
    bool operator==(const Repository&) const = default;
};

/// What a revision has to have behind it before it may be deployed to an environment.
struct Gate {
    std::string succeeded_in;  ///< the environment it has to have succeeded in; empty: none
    std::string tag;  ///< a pattern ("v*.*.0") of the tag it has to be asked for by; empty: none
};

/// A window in which an environment is held: it begins whenever `cron` matches.
struct Freeze {
    Cron cron;
    Duration lasts{0};
    std::string reason;
};

struct Environment {
    std::string name;
    std::map<std::string, std::string> variables;
    Gate require = {};
    std::vector<Freeze> freezes = {};
};

/// One entry of `services`: a service of its own (id), or a rule that finds some (discover).
struct ServiceRule {
    std::string discover;  ///< "platform/{order}.{name}/deploy.py"; empty: a listed service
    std::string id;        ///< "platform/{name}", or the id itself
    std::vector<std::string> exclude;  ///< patterns of ids that are found and are no services
    std::string extra_characters;      ///< that a found name may hold beside A-Z a-z 0-9 . _ -
    std::string executor;              ///< name in `executors`
    Poco::JSON::Object::Ptr with;      ///< placeholders not yet replaced; never null
    std::vector<std::string> depends_on;
    std::vector<std::string> secrets;       ///< names of secrets its task gets as variables
    std::vector<std::string> environments;  ///< only there; empty: everywhere
    std::string place;                      ///< "iac-runner.yaml:31: services[2]", for messages
};

/// A plugin in use: an entry of triggers, mappers, executors or notifiers.
struct PluginUse {
    std::string
        name;  ///< its key, or the plugin's id where the entry has none (mappers, notifiers)
    std::string plugin;   ///< "iac.github"
    std::string version;  ///< the one it has to have; empty: any
    std::string sha256;   ///< the one its file has to have; empty: any
    Poco::JSON::Object::Ptr
        with;           ///< secrets expanded; not yet checked against the plugin's schema
    std::string place;  ///< "iac-runner.yaml:38: triggers.github", for messages
};

/// One that runs inside the runner, or in a process for each call.
struct InsideUse : PluginUse {
    Duration timeout{10'000};  ///< of each call; then it is given up
    bool own_process = false;
};

struct TriggerUse : InsideUse {
    std::string environment;  ///< of events that name none; empty: the event has to
};

struct ExecutorUse : PluginUse {
    Duration timeout{600'000};   ///< of one attempt
    Duration grace{10'000};      ///< between SIGTERM and SIGKILL
    int retries = 0;             ///< further attempts after IAC_RETRY
    std::uint64_t memory = 0;    ///< bytes of address space, of each process of a step; 0: no limit
    Duration processor_time{0};  ///< of each process of a step, whole seconds; 0: no limit
    CgroupLimits limits;         ///< of one step (engine.step_limits, where it says nothing)
    std::string user;  ///< whom its steps run as (engine.step_user, where it names none); empty:
                       ///< the runner's own user
};

struct NotifierUse : PluginUse {
    std::vector<std::string> environments;  ///< when.environment; empty: all
    std::vector<std::string> services;      ///< when.service: patterns ("platform/*"); empty: all
    std::vector<std::string> states;  ///< when.status: "success", "failed", "cancelled"; empty: all
    std::vector<std::string> triggers;      ///< when.trigger; empty: all
    std::vector<std::string> triggered_by;  ///< when.triggered_by; empty: everybody
    std::vector<std::string> events;  ///< "queued", "started", "step", "finished"; empty: what the
                                      ///< plugin's schema names, else "finished"
    bool unchanged = false;           ///< told also of deployments that changed nothing
    bool repeats = false;             ///< told also of a failure that is the same as the one before
};

/// One entry of `diagnosis`: what a failed step printed, and what that means.
struct DiagnosisRule {
    std::vector<std::string> any_of;  ///< texts, in any case; at least one
    std::string error_kind;
    std::string summary;  ///< empty: what the executor said
    std::string next_action;
};

/// Catches up with what was missed: the head of the branch against what is deployed.
struct Reconcile {
    Duration interval{0};                   ///< 0: off
    std::vector<std::string> environments;  ///< never empty: by default the first
};

/// How long the history is kept; 0: for ever.
struct Keep {
    Duration deployments{365LL * 86'400'000};
    int most_deployments = 0;
    Duration events{365LL * 86'400'000};
};

enum class OnFailure {
    stop,
    proceed
};  ///< after a failed step: stop skips every later one, proceed those that depend on it
enum class OnInterrupt { rerun, fail };

struct Engine {
    OnFailure on_failure = OnFailure::proceed;
    OnInterrupt on_interrupt = OnInterrupt::rerun;
    int steps_at_once = 0;  ///< over all lanes; 0: as many as there are cores
    int parallel = 1;  ///< steps of one deployment side by side, where none depends on the other
    Duration stop_grace{30'000};   ///< on SIGTERM: how long running steps may go on
    Duration deadline{3'600'000};  ///< of one deployment
    unsigned umask = 0022;         ///< of work trees and tasks
    std::string step_user;         ///< whom steps run as; empty: the runner's own user
    CgroupLimits step_limits;      ///< of all processes of one step together
    std::filesystem::path cgroup;  ///< in which those of steps are made; empty: the runner's own
};

/// Where the values of a configuration came from, for messages. Paths are spelled as messages show
/// them: "services[2].executor".
struct Origins {
    std::string file;                  ///< as it was named: "iac-runner.yaml"
    std::map<std::string, int> lines;  ///< of every value, by path
    std::set<std::string> expanded;    ///< paths whose text holds a secret: never shown

    /// Of the path, or of what it lies in.
    int line(std::string path) const;
};

/// The whole configuration, checked and complete. A plain value.
struct Settings {
    std::filesystem::path file;  ///< where it was read
    std::string text;            ///< its bytes, in which no secret is expanded
    std::filesystem::path data;
    std::vector<std::filesystem::path> plugin_folders;  ///< as configured; may be empty
    Server server;
    Repository repository;
    std::vector<Environment> environments;
    std::vector<ServiceRule> services;
    std::vector<TriggerUse> triggers;
    std::vector<InsideUse> mappers;
    std::vector<ExecutorUse> executors;
    std::vector<NotifierUse> notifiers;
    Engine engine;
    std::vector<DiagnosisRule> diagnosis;
    Reconcile reconcile;
    Keep keep;
    /// Every secret value known, by name: from secret files, and from the environment where the
    /// configuration or a service names it. For masking, and for the services that name them. A
    /// secret that the configuration itself holds is here too, by its place ("server.secret"),
    /// which is no name that a service could ask for.
    std::map<std::string, Secret> secrets;
    /// The secret files that were read: for GET /health.
    std::vector<std::filesystem::path> secret_files;
    Origins origins;

    const Environment* environment(std::string_view name) const;
    const ExecutorUse* executor(std::string_view name) const;
};

/// Reads and checks a configuration file: YAML, then JSON Schema, then what a schema cannot say
/// (names that refer to something). Relative paths in it are relative to the file. Throws Invalid.
Settings load(const std::filesystem::path& file);

/// The same configuration with the secrets as they are now. Its file is not looked at: somebody may
/// be writing it. Throws Invalid.
Settings withSecretsReadAgain(const Settings& settings);

/// What of `next` a running daemon cannot take over, in a sentence; empty: it can. "server.listen
/// cannot change while the runner runs: restart it".
std::string whyRestart(const Settings& running, const Settings& next);

/// Checks `with` of a plugin use against the plugin's JSON Schema and fills in its defaults; the
/// result is a copy. Throws Invalid with the place of each finding in the YAML file: Settings keeps
/// where each value came from, so this is a function of the settings.
Poco::JSON::Object::Ptr complete(const Settings& settings, const std::string& schema,
                                 const PluginUse& use);

/// The same for what one service says (`services[].with`, its placeholders replaced) and the
/// executor's service_schema; `place` is that of its rule. An empty schema: a service says nothing.
Poco::JSON::Object::Ptr completeService(const Settings& settings, const std::string& service_schema,
                                        const Poco::JSON::Object::Ptr& with,
                                        const std::string& place);

/// Refuses placeholders of a rule in settings whose service_schema says "x-placeholders": false:
/// what stands for them comes from the repository. Throws Invalid.
void refusePlaceholders(const Settings& settings, const std::string& service_schema,
                        const ServiceRule& rule);

/// Why a plugin's schema cannot be used, in a sentence without a subject ("is not JSON: ..."), or
/// empty: not JSON, a keyword that is not checked here, a default that the schema itself refuses.
std::string schemaFault(const std::string& schema);

/// Every text within `object` that the schema marks `"writeOnly": true`: to be masked.
std::vector<std::string> writeOnlyValues(const std::string& schema,
                                         const Poco::JSON::Object::Ptr& object);

/// The annotated reference configuration: docs, schema and help in one.
std::string_view reference();

}  // namespace iac::config

#include "config/build.hpp"

#include <charconv>

#include "config/env_file.hpp"
#include "config/repository_url.hpp"

namespace iac::config {

namespace {

namespace fs = std::filesystem;

fs::path absolute(const fs::path& folder, const std::string& path) {
    return (folder / path).lexically_normal();
}

/// "~" is replaced by a shell alone: "~/data" would be a folder named "~" beside the file.
void checkPath(const Node& node, const std::string& key, std::string_view path) {
    if (path.starts_with('~')) node.fault(key, kTildeFault);
}

/// Windows are looked for minute by minute.
constexpr Duration kLongestFreeze{31LL * 86'400'000};

Limits buildLimits(const Node& node) {
    Limits limits;
    limits.webhook_body = node.size("webhook_body", limits.webhook_body);
    limits.body = node.size("body", limits.body);
    limits.bodies_in_flight = node.size("bodies_in_flight", limits.bodies_in_flight);
    limits.request = node.duration("request", limits.request);
    limits.headers = node.duration("headers", limits.headers);
    limits.keep_alive = node.duration("keep_alive", limits.keep_alive);
    limits.connections = node.number("connections", limits.connections);
    limits.connections_per_address =
        node.number("connections_per_address", limits.connections_per_address);
    limits.waiting_callers = node.number("waiting_callers", limits.waiting_callers);
    limits.waiting_callers_per_token =
        node.number("waiting_callers_per_token", limits.waiting_callers_per_token);
    limits.waiting_deployments = node.number("waiting_deployments", limits.waiting_deployments);
    limits.step_output = node.size("step_output", limits.step_output);
    const auto largest = std::max(limits.webhook_body, limits.body);
    if (limits.bodies_in_flight < largest)
        node.fault("bodies_in_flight",
                   "is less than one body may be, so no such body could come "
                   "in: make it at least as large as webhook_body and body");
    return limits;
}

void buildListen(const Node& node, Server& server) {
    const auto listen = node.text("listen");
    const auto colon = listen.rfind(':');
    if (colon == std::string::npos) return;
    server.host = listen.substr(0, colon);
    if (server.host.starts_with('[')) server.host = server.host.substr(1, server.host.size() - 2);
    const auto* end = listen.data() + listen.size();
    if (std::from_chars(listen.data() + colon + 1, end, server.port).ec != std::errc{})
        node.fault("listen", "has a port above 65535");
}

std::vector<Network> buildProxies(const Node& node) {
    std::vector<Network> networks;
    for (const auto& text : node.texts("trusted_proxies")) {
        const auto network = Network::parse(text);
        if (!network) {
            node.fault("trusted_proxies", "has \"" + text +
                                              "\", which is not an address or a network such as "
                                              "10.0.0.0/8 or fd00::/8");
        } else if (network->isEverything()) {
            node.fault("trusted_proxies", "has \"" + text +
                                              "\", which holds every address: then each caller "
                                              "could choose the address it is known by");
        } else {
            networks.push_back(*network);
        }
    }
    return networks;
}

Server buildServer(const Node& node) {
    Server server;
    buildListen(node, server);
    for (const auto& secret : node.texts("secret")) {
        if (secret.empty() && !node.faulty("secret"))
            node.fault("secret", "is empty: with no secret everybody could sign requests");
        server.secrets.emplace_back(secret);
    }
    server.replay_protection_required = node.text("replay_protection") != "optional";
    for (const auto& shown : node.texts("anonymous"))
        server.anonymous_metrics = server.anonymous_metrics || shown == "metrics";
    const Node compatibility = node.child("compatibility");
    server.compatibility.text_ids = compatibility.text("deployment_id") == "string";
    server.compatibility.bad_signature =
        compatibility.number("bad_signature", server.compatibility.bad_signature);
    server.public_url = node.text("public_url");
    while (server.public_url.ends_with('/')) server.public_url.pop_back();
    server.trusted_proxies = buildProxies(node);
    server.limits = buildLimits(node.child("limits"));
    return server;
}

/// A branch "refs/heads/main" would be looked for as refs/heads/refs/heads/main.
void checkBranch(const Node& node, const std::string& branch) {
    constexpr std::string_view kHeads = "refs/heads/";
    if (branch.starts_with(kHeads)) {
        node.fault("branch", "is a full ref, and the name of a branch is expected: write \"" +
                                 branch.substr(kHeads.size()) + "\"");
    } else if (branch.starts_with("refs/")) {
        node.fault("branch", "is a ref that is no branch; write the name of a branch such as main");
    }
}

void buildLogin(const Node& node, const std::string& url, Repository& repository) {
    const bool named = !node.text("username").empty();
    repository.username = node.text("username", repository.username);
    repository.password = Secret(node.text("password"));
    if (repository.password.empty()) {
        if (named && !node.faulty("password"))
            node.fault("username", "is of no use without repository.password");
    } else if (url.empty() || node.faulty("url")) {
        return;
    } else if (!url.starts_with("https://")) {
        node.fault("password",
                   "is for an https address; over ssh a key logs in, and a path needs "
                   "no login: remove repository.username and repository.password");
    } else if (url != withoutLogin(url)) {
        node.fault("url",
                   "has a user in it, and so has repository.username: leave it out of the "
                   "address");
    }
}

Repository buildRepository(const Node& node, const fs::path& folder) {
    Repository repository;
    const auto url = node.text("url");
    if (const auto fault = repositoryUrlFault(url); !fault.empty())
        node.fault("url", fault);
    else if (!url.empty())
        repository.url = isRepositoryPath(url) ? absolute(folder, url).string() : url;
    repository.branch = node.text("branch", repository.branch);
    checkBranch(node, repository.branch);
    repository.timeout = node.duration("timeout", repository.timeout);
    repository.strict_fsck = node.text("fsck") == "strict";
    buildLogin(node, url, repository);
    const auto limits = node.child("limits");
    repository.limits.files = limits.number("files", repository.limits.files);
    repository.limits.size = limits.size("size", repository.limits.size);
    return repository;
}

std::vector<Freeze> buildFreezes(const Node& environment) {
    std::vector<Freeze> freezes;
    for (const auto& node : environment.items("freeze")) {
        auto& freeze = freezes.emplace_back();
        std::string why;
        if (const auto cron = Cron::parse(node.text("cron"), why))
            freeze.cron = *cron;
        else if (!node.text("cron").empty())
            node.fault("cron", why);
        freeze.lasts = node.duration("for", freeze.lasts);
        if (freeze.lasts > kLongestFreeze)
            node.fault("for", "is longer than 31 days: place a hold instead");
        freeze.reason = node.text("reason");
    }
    return freezes;
}

std::vector<Environment> buildEnvironments(const Node& root) {
    std::vector<Environment> environments;
    for (const auto& node : root.members("environments")) {
        const auto require = node.child("require");
        environments.push_back({node.key(),
                                node.variables("variables"),
                                {require.text("succeeded_in"), require.text("tag")},
                                buildFreezes(node)});
        const auto variables = node.child("variables");
        for (const auto& [name, value] : environments.back().variables)
            if (!isVariableName(name))
                variables.fault(name,
                                "is no name of a variable: letters, digits and _ only, and "
                                "no digit first");
    }
    return environments;
}

std::vector<ServiceRule> buildServices(const Node& root) {
    std::vector<ServiceRule> rules;
    for (const auto& node : root.items("services")) {
        ServiceRule rule;
        rule.discover = node.text("discover");
        rule.id = node.text("id");
        rule.exclude = node.texts("exclude");
        rule.extra_characters = node.text("extra_characters");
        rule.executor = node.text("executor");
        rule.with = node.mapping("with");
        rule.depends_on = node.texts("depends_on");
        rule.secrets = node.texts("secrets");
        rule.environments = node.texts("environments");
        rule.place = node.place();
        rules.push_back(std::move(rule));
    }
    return rules;
}

void buildUse(const Node& node, PluginUse& use) {
    use.plugin = node.text("plugin");
    use.version = node.text("version");
    use.sha256 = node.text("sha256");
    use.name = node.key().empty() ? node.text("name", use.plugin) : node.key();
    use.with = node.mapping("with");
    use.place = node.place();
}

void buildInsideUse(const Node& node, InsideUse& use) {
    buildUse(node, use);
    use.timeout = node.duration("timeout", use.timeout);
    use.own_process = node.text("isolation") == "process";
}

/// Gives the second entry of one plugin without a name the name "iac.slack-2", and so on.
template <class Use>
void nameApart(const std::vector<Node>& nodes, std::vector<Use>& uses) {
    std::set<std::string> taken;
    for (std::size_t i = 0; i < uses.size(); ++i) {
        const auto name = nodes[i].text("name");
        if (!name.empty() && !taken.insert(name).second)
            nodes[i].fault("name", "\"" + name + "\" is the name of an earlier entry too");
    }
    for (std::size_t i = 0; i < uses.size(); ++i) {
        if (!nodes[i].text("name").empty()) continue;
        for (int number = 2; !taken.insert(uses[i].name).second; ++number)
            uses[i].name = uses[i].plugin + "-" + std::to_string(number);
    }
}

std::vector<TriggerUse> buildTriggers(const Node& root) {
    std::vector<TriggerUse> triggers;
    for (const auto& node : root.members("triggers")) {
        buildInsideUse(node, triggers.emplace_back());
        triggers.back().environment = node.text("environment");
    }
    return triggers;
}

std::vector<InsideUse> buildMappers(const Node& root) {
    std::vector<InsideUse> mappers;
    const auto nodes = root.items("mappers");
    for (const auto& node : nodes) buildInsideUse(node, mappers.emplace_back());
    nameApart(nodes, mappers);
    return mappers;
}

CgroupLimits buildStepLimits(const Node& node, CgroupLimits limits) {
    limits.memory = node.size("memory", limits.memory);
    limits.processes = node.number("pids", limits.processes);
    const auto cpu = node.text("cpu");  // "150%"
    std::from_chars(cpu.data(), cpu.data() + cpu.size(), limits.cpu_percent);
    return limits;
}

Engine buildEngine(const Node& node, const fs::path& folder) {
    Engine engine;
    if (node.text("on_failure") == "stop") engine.on_failure = OnFailure::stop;
    if (node.text("on_interrupt") == "fail") engine.on_interrupt = OnInterrupt::fail;
    engine.parallel = node.number("parallel", engine.parallel);
    engine.steps_at_once = node.number("steps_at_once", engine.steps_at_once);
    engine.stop_grace = node.duration("stop_grace", engine.stop_grace, Duration(0));
    engine.deadline = node.duration("deadline", engine.deadline);
    engine.step_user = node.text("step_user");
    engine.step_limits = buildStepLimits(node.child("step_limits"), {});
    if (const auto cgroup = node.text("cgroup"); !cgroup.empty())
        engine.cgroup = absolute(folder, cgroup);
    if (const auto mask = node.text("umask"); !mask.empty())
        engine.umask = static_cast<unsigned>(std::stoul(mask, nullptr, 8));
    return engine;
}

std::vector<ExecutorUse> buildExecutors(const Node& root, const Engine& engine) {
    std::vector<ExecutorUse> executors;
    for (const auto& node : root.members("executors")) {
        auto& use = executors.emplace_back();
        buildUse(node, use);
        use.timeout = node.duration("timeout", use.timeout);
        use.grace = node.duration("grace", use.grace, Duration(0));
        use.retries = node.number("retries", use.retries);
        use.memory = node.size("memory", use.memory);
        use.processor_time = node.duration("processor_time", use.processor_time);
        use.user = node.text("user", engine.step_user);
        use.limits = buildStepLimits(node.child("limits"), engine.step_limits);
    }
    return executors;
}

std::vector<NotifierUse> buildNotifiers(const Node& root) {
    std::vector<NotifierUse> notifiers;
    const auto nodes = root.items("notifiers");
    for (const auto& node : nodes) {
        auto& use = notifiers.emplace_back();
        buildUse(node, use);
        const auto when = node.child("when");
        use.environments = when.texts("environment");
        use.services = when.texts("service");
        use.states = when.texts("status");
        use.triggers = when.texts("trigger");
        use.triggered_by = when.texts("triggered_by");
        use.unchanged = when.truth("unchanged", use.unchanged);
        use.repeats = when.truth("repeats", use.repeats);
        use.events = node.texts("events");
    }
    nameApart(nodes, notifiers);
    return notifiers;
}

std::vector<DiagnosisRule> buildDiagnosis(const Node& root) {
    std::vector<DiagnosisRule> rules;
    for (const auto& node : root.items("diagnosis"))
        rules.push_back({node.texts("contains"), node.text("error_kind"), node.text("summary"),
                         node.text("next_action")});
    return rules;
}

Reconcile buildReconcile(const Node& node, const std::vector<Environment>& environments) {
    Reconcile reconcile;
    reconcile.interval = node.duration("interval", reconcile.interval, Duration(0));
    reconcile.environments = node.texts("environments");
    if (reconcile.environments.empty() && !environments.empty())
        reconcile.environments.push_back(environments.front().name);
    return reconcile;
}

Keep buildKeep(const Node& node) {
    Keep keep;
    keep.deployments = node.duration("deployments", keep.deployments, Duration(0));
    keep.most_deployments = node.number("most_deployments", keep.most_deployments);
    keep.events = node.duration("events", keep.events, Duration(0));
    return keep;
}

}  // namespace

Settings buildSettings(const Node& root, const fs::path& folder) {
    Settings settings;
    checkPath(root, "data", root.text("data"));
    settings.data = absolute(folder, root.text("data", "./data"));
    for (const auto& plugins : root.texts("plugins")) {
        checkPath(root, "plugins", plugins);
        settings.plugin_folders.push_back(absolute(folder, plugins));
    }
    settings.server = buildServer(root.child("server"));
    settings.repository = buildRepository(root.child("repository"), folder);
    settings.environments = buildEnvironments(root);
    settings.services = buildServices(root);
    settings.triggers = buildTriggers(root);
    settings.mappers = buildMappers(root);
    settings.engine = buildEngine(root.child("engine"), folder);
    settings.executors = buildExecutors(root, settings.engine);
    settings.notifiers = buildNotifiers(root);
    settings.diagnosis = buildDiagnosis(root);
    settings.reconcile = buildReconcile(root.child("reconcile"), settings.environments);
    settings.keep = buildKeep(root.child("keep"));
    return settings;
}

}  // namespace iac::config

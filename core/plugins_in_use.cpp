#include "plugins_in_use.hpp"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>
#include <utility>

#include "http/routes.hpp"
#include "plugin/check_host.hpp"
#include "plugin/host.hpp"
#include "step_users.hpp"

namespace iac {
namespace {

std::vector<std::filesystem::path> pluginFolders(const config::Settings& settings) {
    auto folders = settings.plugin_folders;
    const auto own = plugin::libraryFolder() / "plugins";
    if (std::ranges::find(folders, own) == folders.end()) folders.push_back(own);
    return folders;
}

std::vector<std::string> knownSecrets(const config::Settings& settings) {
    std::vector<std::string> values;
    // A weak one is masked only where somebody says that it is a secret: as server.secret or
    // repository.password, or as a setting of a plugin that is.
    for (const auto& [name, secret] : settings.secrets)
        if (!isWeakSecret(secret.reveal())) values.push_back(secret.reveal());
    for (const auto& secret : settings.server.secrets) values.push_back(secret.reveal());
    if (const auto& password = settings.repository.password; !password.empty())
        values.push_back(password.reveal());
    return values;
}

// Where the settings of a plugin stand, with the line of the one that its own sentence names:
// "iac.path-rules: ... rules[1].path: it is empty".
std::string placeOf(const config::Settings& settings, const config::PluginUse& use,
                    std::string_view sentence) {
    const auto& origins = settings.origins;
    const std::string with = use.place.substr(use.place.rfind(": ") + 2) + ".with";
    int line = origins.line(with);
    for (std::size_t end = sentence.find(": "); end != std::string_view::npos;
         end = sentence.find(": ", end + 2)) {
        const auto word = sentence.substr(0, end);
        const std::string path = with + "." + std::string(word.substr(word.rfind(' ') + 1));
        if (origins.lines.contains(path)) line = origins.line(path);
    }
    return origins.file + ":" + std::to_string(line) + ": " + with;
}

// A notifier is made anew for each message: what it says of its settings is to be heard now, not
// when the first one cannot be told. Only that is a fault of the configuration.
void refuseUnlessMade(const config::Settings& settings, const notify::NotifierInUse& notifier,
                      const Masker& masker) {
    plugin::HostedCall call;
    call.plugin = notifier.plugin;
    call.config = notifier.config;
    call.input = "{}";
    call.timeout = Duration{10'000};
    call.check = plugin::kMade;
    const auto result = plugin::callInHost(call, {});
    constexpr auto kNot = static_cast<iac_status>(plugin::CheckFinding::Is::not_made);
    if (result.end == plugin::HostedResult::End::returned && result.status == kNot)
        throw config::Invalid(
            masker.mask(placeOf(settings, notifier.use, result.message) + ": " + result.message));
}

// What create() refuses is said with the place in the file.
template <class Make>
auto made(const config::Settings& settings, const config::PluginUse& use, Make make) try {
    return make();
} catch (const plugin::Refused& e) {
    throw config::Invalid(placeOf(settings, use, e.what()) + ": " + e.what());
}

bool isInPath(const std::string& program) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');)
        if (!folder.empty() && ::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
    return false;
}

// Why a program cannot be started, as far as can be seen here; empty: it can, or it is one of the
// work tree, or named by a placeholder.
std::string whyNoProgram(const std::string& program) {
    if (program.empty() || program.find('{') != std::string::npos) return {};
    if (program.find('/') == std::string::npos)
        return isInPath(program) ? ""
                                 : "there is no program \"" + program +
                                       "\" in PATH; install it, or write its whole path";
    if (!program.starts_with('/') || ::access(program.c_str(), X_OK) == 0) return {};
    return "there is no program " + program +
           " that can be started; install it, or correct the path";
}

// The settings of a schema that name a program ("x-program"), each with its value. Of a list it is
// the first item.
std::vector<std::pair<std::string, std::string>> programsIn(const std::string& schema,
                                                            const Poco::JSON::Object::Ptr& with) {
    std::vector<std::pair<std::string, std::string>> programs;
    if (schema.empty() || !with) return programs;
    const auto root = Poco::JSON::Parser().parse(schema).extract<Poco::JSON::Object::Ptr>();
    const auto properties = root->getObject("properties");
    if (properties.isNull()) return programs;
    for (const auto& [name, value] : *properties) {
        const auto property = properties->getObject(name);
        if (property.isNull() || !property->optValue("x-program", false) || !with->has(name))
            continue;
        const auto list = with->getArray(name);
        const auto first = list.isNull() ? with->get(name) : list->get(0);
        if (first.isString()) programs.emplace_back(name, first.extract<std::string>());
    }
    return programs;
}

void refuseOther(const char* what, const std::string& wanted, const std::string& is,
                 const plugin::Plugin& plugin) {
    if (wanted.empty() || wanted == is) return;
    throw plugin::Refused("\"" + plugin.id + "\" (" + plugin.file.string() + ") has the " + what +
                          " \"" + is + "\", and the configuration asks for \"" + wanted +
                          "\"; install that one, or correct `" + what + "`");
}

}  // namespace

PluginsInUse::PluginsInUse(config::Settings settings, Masker& masker)
    : settings_(std::move(settings)), masker_(masker), registry_(pluginFolders(settings_)) {
    masker_.learn(knownSecrets(settings_));
    for (const auto& use : settings_.triggers) {
        const auto& plugin = needed("trigger", use);
        const std::string config = completeConfig(use, plugin);
        triggers_.push_back(made(settings_, use, [&] {
            return std::unique_ptr<TriggerInUse>(new TriggerInUse{
                use, plugin::Trigger(plugin, config, {use.timeout, use.own_process, &masker_})});
        }));
    }
    refuseTakenRoutes();
    for (const auto& use : settings_.mappers) {
        const auto& plugin = needed("mapper", use);
        const std::string config = completeConfig(use, plugin);
        mappers_.push_back(made(settings_, use, [&] {
            return std::make_unique<plugin::Mapper>(
                plugin, config, plugin::CallSettings{use.timeout, use.own_process, &masker_});
        }));
    }
    for (const auto& use : settings_.executors) {
        const auto& plugin = needed("executor", use);
        executors_.emplace(use.name,
                           engine::ExecutorInUse{use, &plugin, completeConfig(use, plugin),
                                                 stepUser(settings_, use, plugin)});
    }
    for (const auto& rule : settings_.services) {
        // Placeholders are still in place: they stand in text, and text is what they become.
        const auto& executor = executors_.find(rule.executor)->second;
        config::completeService(settings_, executor.plugin->service_schema, rule.with, rule.place);
        config::refusePlaceholders(settings_, executor.plugin->service_schema, rule);
    }
    for (const auto& use : settings_.notifiers) {
        const auto& plugin = needed("notifier", use);
        const auto added = notifiers_.emplace(
            use.name, notify::NotifierInUse{use, &plugin, completeConfig(use, plugin)});
        refuseUnlessMade(settings_, added.first->second, masker_);
    }
}

// The server would find it out too, but only when it starts.
void PluginsInUse::refuseTakenRoutes() const {
    std::map<std::pair<std::string, std::string>, std::string> taken;
    for (const auto& one : triggers_)
        for (const auto& [method, path] : one->trigger.routes()) {
            const std::string route = method + " " + path;
            if (http::isOwnPath(path))
                throw config::Invalid(
                    one->use.place + ": its plugin answers " + route +
                    ", which is a route of the runner itself; use another plugin");
            const auto [first, fresh] = taken.emplace(std::pair(method, path), one->use.place);
            if (!fresh)
                throw config::Invalid(one->use.place + ": its plugin answers " + route +
                                      ", and so does that of " + first->second +
                                      "; remove one of the two");
        }
}

const plugin::Plugin& PluginsInUse::needed(std::string_view kind,
                                           const config::PluginUse& use) const try {
    const auto& plugin = registry_.find(kind, use.plugin);
    refuseOther("version", use.version, plugin.version, plugin);
    refuseOther("sha256", use.sha256, plugin.sha256, plugin);
    return plugin;
} catch (const plugin::Refused& e) {
    throw plugin::Refused(use.place + ".plugin: " + e.what());
}

std::string PluginsInUse::completeConfig(const config::PluginUse& use,
                                         const plugin::Plugin& plugin) {
    const auto complete = config::complete(settings_, plugin.schema, use);
    masker_.learn(config::writeOnlyValues(plugin.schema, complete));
    std::ostringstream text;
    complete->stringify(text);
    return text.str();
}

std::vector<std::string> PluginsInUse::warnings(const Cgroups& cgroups) const {
    std::vector<std::string> all;
    const auto& origins = settings_.origins;
    const std::string secrets =
        origins.file + ":" + std::to_string(origins.line("secrets")) + ": secrets: ";
    std::string weak;
    for (const auto& [name, secret] : settings_.secrets) {
        if (isWeakSecret(secret.reveal())) weak += (weak.empty() ? "" : ", ") + name;
        if (secret.reveal().ends_with('\n') || secret.reveal().ends_with('\r'))
            all.push_back(secrets + name +
                          " ends in a line break, which is a part of it; take it away where it "
                          "comes from (printf instead of echo)");
    }
    if (!weak.empty())
        all.push_back(
            secrets +
            "too short, or too much like a word, to be masked in logs and messages: " + weak +
            "; make them longer, or leave what is not secret out of the secret "
            "files");
    addMissingPrograms(all);
    for (const auto& [name, executor] : executors_)
        if (const auto why = cgroups.unenforced(executor.use.limits); !why.empty())
            all.push_back(executor.use.place + ": limits that are not enforced: " + why);
    return all;
}

// As the program that checks sees it: a task may have another PATH.
void PluginsInUse::addMissingPrograms(std::vector<std::string>& warnings) const {
    const auto add = [&](const std::string& place, const std::string& schema,
                         const Poco::JSON::Object::Ptr& with) {
        const auto& origins = settings_.origins;
        for (const auto& [name, program] : programsIn(schema, with)) {
            const auto why = whyNoProgram(program);
            if (why.empty()) continue;
            const std::string path = place.substr(place.rfind(": ") + 2) + ".with." + name;
            warnings.push_back(origins.file + ":" + std::to_string(origins.line(path)) + ": " +
                               path + ": " + why);
        }
    };
    for (const auto& [name, executor] : executors_) {
        const auto config = Poco::JSON::Parser().parse(executor.config);
        add(executor.use.place, executor.plugin->schema, config.extract<Poco::JSON::Object::Ptr>());
    }
    for (const auto& rule : settings_.services)
        add(rule.place, executors_.find(rule.executor)->second.plugin->service_schema, rule.with);
}

void PluginsInUse::stopTriggers() const {
    for (const auto& one : triggers_) one->trigger.stop();
}

void PluginsInUse::stopMappers() const {
    for (const auto& one : mappers_) one->stop();
}

bool PluginsInUse::areThere() const {
    return ::access((plugin::libraryFolder() / "plugin-host").c_str(), X_OK) == 0 &&
           std::ranges::all_of(registry_.plugins(), [](const plugin::Plugin& plugin) {
               return ::access(plugin.file.c_str(), R_OK) == 0;
           });
}

}  // namespace iac

#include "plugins_in_use.hpp"

#include <unistd.h>

#include <algorithm>
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

// A notifier is made anew for each message: what it says of its settings is to be heard now, not
// when the first one cannot be told. Only that is a fault of the configuration.
void refuseUnlessMade(const notify::NotifierInUse& notifier, const Masker& masker) {
    plugin::HostedCall call;
    call.plugin = notifier.plugin;
    call.config = notifier.config;
    call.input = "{}";
    call.timeout = Duration{10'000};
    call.check = plugin::kMade;
    const auto result = plugin::callInHost(call, {});
    constexpr auto kNot = static_cast<iac_status>(plugin::CheckFinding::Is::not_made);
    if (result.end == plugin::HostedResult::End::returned && result.status == kNot)
        throw config::Invalid(masker.mask(notifier.use.place + ".with: " + result.message));
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
        triggers_.emplace_back(new TriggerInUse{
            use, plugin::Trigger(plugin, config, {use.timeout, use.own_process, &masker_})});
    }
    refuseTakenRoutes();
    for (const auto& use : settings_.mappers) {
        const auto& plugin = needed("mapper", use);
        mappers_.push_back(std::make_unique<plugin::Mapper>(
            plugin, completeConfig(use, plugin),
            plugin::CallSettings{use.timeout, use.own_process, &masker_}));
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
        const auto made = notifiers_.emplace(
            use.name, notify::NotifierInUse{use, &plugin, completeConfig(use, plugin)});
        refuseUnlessMade(made.first->second, masker_);
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

std::vector<std::string> PluginsInUse::warnings() const {
    std::string names;
    for (const auto& [name, secret] : settings_.secrets)
        if (isWeakSecret(secret.reveal())) names += (names.empty() ? "" : ", ") + name;
    if (names.empty()) return {};
    return {settings_.origins.file +
            ": secrets: too short, or too much like a word, to be masked in logs and messages: " +
            names + "; make them longer, or leave what is not secret out of the secret files"};
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

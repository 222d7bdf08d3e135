#include "runner.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <system_error>
#include <thread>

#include "base/descriptor.hpp"
#include "base/log.hpp"
#include "model/json.hpp"
#include "plugin/host.hpp"

namespace iac {
namespace {

constexpr Duration kLookupTimeout{
    5'000};  // to ask the remote whether a ref exists, before a request is accepted

std::vector<std::filesystem::path> pluginFolders(const config::Settings& settings) {
    if (!settings.plugin_folders.empty()) return settings.plugin_folders;
    return {plugin::libraryFolder() / "plugins"};
}

history::Limits historyLimits(const config::Settings& settings) {
    history::Limits limits;
    limits.waiting = static_cast<std::size_t>(settings.server.limits.waiting_deployments);
    return limits;
}

repository::MirrorSettings mirrorSettings(const config::Settings& settings) {
    return {settings.repository.url, settings.repository.branch, settings.data / "mirror.git",
            settings.repository.timeout};
}

std::filesystem::path historyFile(const config::Settings& settings) {
    std::filesystem::create_directories(settings.data);
    return settings.data / "history.db";
}

std::vector<std::string> knownSecrets(const config::Settings& settings) {
    std::vector<std::string> values;
    for (const auto& [name, secret] : settings.secrets) values.push_back(secret.reveal());
    for (const auto& secret : settings.server.secrets) values.push_back(secret.reveal());
    return values;
}

// SIGTERM and SIGINT as something to wait for.
class EndSignals {
public:
    EndSignals() {
        sigset_t ending;
        sigemptyset(&ending);
        sigaddset(&ending, SIGTERM);
        sigaddset(&ending, SIGINT);
        signals_ = Descriptor(::signalfd(-1, &ending, SFD_CLOEXEC));
        if (!signals_) throw std::system_error(errno, std::generic_category(), "signalfd");
    }
    /// True: there was one. False: `unless` was requested first.
    bool wait(const Cancellation& unless) {
        std::array<pollfd, 2> watched{
            {{signals_.get(), POLLIN, 0}, {unless.descriptor(), POLLIN, 0}}};
        while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) continue;
        signalfd_siginfo which{};
        return watched[0].revents != 0 &&
               ::read(signals_.get(), &which, sizeof which) == sizeof which;
    }

private:
    Descriptor signals_;
};

}  // namespace

Runner::Runner(config::Settings settings, Masker& masker)
    : settings_(std::move(settings)),
      secrets_(knownSecrets(settings_)),
      masker_(masker),
      registry_(pluginFolders(settings_)),
      triggers_(makeTriggers()),
      mappers_(makeMappers()),
      executors_(makeExecutors()),
      notifiers_(makeNotifiers()),
      history_(historyFile(settings_), historyLimits(settings_), clock_),
      mirror_(mirrorSettings(settings_)),
      planner_(mappers_),
      intake_(settings_, history_, newest_, planner_,
              [this](std::string_view ref) -> std::optional<bool> {
                  if (mirror_.healthy() && mirror_.resolve(ref)) return true;
                  return mirror_.remoteHas(ref, kLookupTimeout);
              }),
      engine_(settings_, history_, mirror_, newest_, planner_, executors_, masker_),
      delivery_(history_, notifiers_, clock_, deploymentJson) {}

void Runner::serve() {
    plugin::adoptOrphans();
    for (const auto& refused : registry_.refused()) log::warning("plugin", refused.reason);
    engine_.start();
    delivery_.start();
    http::Server server(rooms());
    log::info("http",
              "listening on " + settings_.server.host + ":" + std::to_string(server.port()));

    EndSignals signals;
    Cancellation stopped;
    signals.wait(stopped);
    log::info("runner", "stopping; running steps may take " +
                            std::to_string(settings_.engine.stop_grace.count() / 1000) +
                            " s, what waits stays queued; another signal stops at once");
    std::thread impatient([&] {
        if (signals.wait(stopped)) engine_.interrupt();
    });
    server.stop(Duration{5'000});
    engine_.stop(settings_.engine.stop_grace);
    delivery_.stop();
    stopped.request();
    impatient.join();
    log::info("runner", "stopped");
}

std::string Runner::pluginConfig(const config::PluginUse& use, const plugin::Plugin& plugin) {
    const auto complete = config::complete(settings_, plugin.schema, use);
    for (auto& value : config::writeOnlyValues(plugin.schema, complete))
        secrets_.push_back(std::move(value));
    std::ostringstream text;
    complete->stringify(text);
    return text.str();
}

std::vector<std::unique_ptr<Runner::TriggerInUse>> Runner::makeTriggers() {
    std::vector<std::unique_ptr<TriggerInUse>> made;
    for (const auto& use : settings_.triggers) {
        const auto& plugin = registry_.find("trigger", use.plugin);
        made.emplace_back(
            new TriggerInUse{use, plugin::Trigger(plugin, pluginConfig(use, plugin))});
    }
    return made;
}

std::vector<std::unique_ptr<plugin::Mapper>> Runner::makeMappers() {
    std::vector<std::unique_ptr<plugin::Mapper>> made;
    for (const auto& use : settings_.mappers) {
        const auto& plugin = registry_.find("mapper", use.plugin);
        made.push_back(std::make_unique<plugin::Mapper>(plugin, pluginConfig(use, plugin)));
    }
    return made;
}

engine::Executors Runner::makeExecutors() {
    engine::Executors made;
    for (const auto& use : settings_.executors) {
        const auto& plugin = registry_.find("executor", use.plugin);
        made.emplace(use.name, engine::ExecutorInUse{use, &plugin, pluginConfig(use, plugin)});
    }
    return made;
}

notify::Notifiers Runner::makeNotifiers() {
    notify::Notifiers made;
    for (const auto& use : settings_.notifiers) {
        const auto& plugin = registry_.find("notifier", use.plugin);
        made.emplace(use.name, notify::NotifierInUse{use, &plugin, pluginConfig(use, plugin)});
    }
    return made;
}

// An upgrade that removes the files of a running daemon shows here before it shows in a failed
// step.
bool Runner::pluginsAreThere() const {
    return ::access((plugin::libraryFolder() / "plugin-host").c_str(), X_OK) == 0 &&
           std::ranges::all_of(registry_.plugins(), [](const plugin::Plugin& plugin) {
               return ::access(plugin.file.c_str(), R_OK) == 0;
           });
}

http::Rooms Runner::rooms() {
    http::Rooms rooms;
    rooms.settings = &settings_;
    rooms.history = &history_;
    rooms.intake = &intake_;
    rooms.catalogue = &newest_;
    rooms.registry = &registry_;
    rooms.masker = &masker_;
    rooms.clock = &clock_;
    for (const auto& one : triggers_)
        rooms.triggers.push_back({one->use.name, one->use.environment, &one->trigger});
    rooms.checks = {{"database", [this] { return history_.healthy(); }},
                    {"repository", [this] { return mirror_.healthy(); }},
                    {"plugins", [this] { return pluginsAreThere(); }}};
    return rooms;
}

}  // namespace iac

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
#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "notify/routing.hpp"
#include "plugin/host.hpp"

namespace iac {
namespace {

constexpr Duration kLookupTimeout{
    5'000};  // to ask the remote whether a ref exists, before a request is accepted

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
      masker_(masker),
      plugins_(settings_, masker),
      history_(historyFile(settings_), historyLimits(settings_), clock_),
      mirror_(mirrorSettings(settings_)),
      planner_(plugins_.mappers()),
      intake_(settings_, history_, newest_, planner_,
              {[this](std::string_view ref) { return refExists(ref); },
               [this](std::string_view ref) { return revisionOf(ref); },
               [this](std::string_view ref) { return catalogueAt(ref); }},
              clock_),
      engine_(settings_, history_, mirror_, newest_, planner_, plugins_.executors(), masker_,
              clock_),
      preview_(settings_, engine_.preparation(), mirror_, newest_, planner_),
      upkeep_(settings_, history_, intake_, preview_, clock_),
      delivery_(settings_, history_, plugins_.notifiers(), masker_, clock_) {
    history_.announceTo(notify::subscribers(plugins_.notifiers()));
}

void Runner::serve() {
    plugin::adoptOrphans();
    for (const auto& refused : plugins_.registry().refused())
        log::warning("plugin", refused.reason);
    // The port first: who cannot have it must not begin a deployment and break it off.
    http::Server server(rooms());
    upkeep_.placeFreezes();
    engine_.start();
    upkeep_.start();
    delivery_.start();
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
    failpoint("runner.draining");
    stopping_.request();
    server.stop(Duration{5'000});
    upkeep_.stop();
    engine_.stop(settings_.engine.stop_grace);
    delivery_.stop();
    stopped.request();
    impatient.join();
    log::info("runner", "stopped");
}

std::optional<bool> Runner::refExists(std::string_view ref) {
    if (mirror_.healthy() && mirror_.resolve(ref)) return true;
    return mirror_.remoteHas(ref, kLookupTimeout);
}

// Fetched only where the mirror does not know it: a tag does not move, and where a branch moves the
// engine looks again.
std::optional<std::string> Runner::revisionOf(std::string_view ref) {
    try {
        if (auto known = mirror_.healthy() ? mirror_.resolve(ref) : std::nullopt) return known;
        mirror_.fetch();
        return mirror_.resolve(ref);
    } catch (const std::runtime_error& e) {
        log::warning("intake", std::string("a ref cannot be looked up: ") + e.what());
        return std::nullopt;
    }
}

std::shared_ptr<const planning::Catalogue> Runner::catalogueAt(std::string_view ref) {
    try {
        if (!mirror_.healthy()) return nullptr;
        mirror_.fetch();
        const auto revision = mirror_.resolve(ref);
        if (!revision) return nullptr;
        return std::make_shared<const planning::Catalogue>(settings_.services,
                                                           mirror_.paths(*revision));
    } catch (const std::runtime_error& e) {
        log::warning("intake",
                     std::string("the services of a ref cannot be looked up: ") + e.what());
        return nullptr;
    }
}

http::Rooms Runner::rooms() {
    http::Rooms rooms;
    rooms.settings = &settings_;
    rooms.history = &history_;
    rooms.intake = &intake_;
    rooms.catalogue = &newest_;
    rooms.registry = &plugins_.registry();
    rooms.plan = [this](const engine::PlanQuestion& question) {
        return preview_.answer(question, stopping_);
    };
    rooms.masker = &masker_;
    rooms.clock = &clock_;
    for (const auto& one : plugins_.triggers())
        rooms.triggers.push_back({one->use.name, one->use.environment, &one->trigger});
    rooms.checks = {{"database", [this] { return history_.healthy(); }},
                    {"repository", [this] { return mirror_.healthy(); }},
                    {"plugins", [this] { return plugins_.areThere(); }},
                    {"secrets", [this] {
                         return std::ranges::all_of(settings_.secret_files, [](const auto& file) {
                             return ::access(file.c_str(), R_OK) == 0;
                         });
                     }}};
    return rooms;
}

}  // namespace iac

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
#include "plugin/host.hpp"

namespace iac {
namespace {

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

/// Waits until one of them is readable.
void awaitAny(std::vector<pollfd>& watched) {
    while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) continue;
}

}  // namespace

/// SIGTERM, SIGINT and SIGHUP as something to wait for.
class Runner::Signals {
public:
    Signals() {
        sigset_t set;
        sigemptyset(&set);
        for (const int one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, one);
        signals_ = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
        if (!signals_) throw std::system_error(errno, std::generic_category(), "signalfd");
    }
    int descriptor() const { return signals_.get(); }
    /// The next that has come; 0: none has.
    int take() {
        signalfd_siginfo which{};
        return ::read(signals_.get(), &which, sizeof which) == sizeof which
                   ? static_cast<int>(which.ssi_signo)
                   : 0;
    }
    /// Waits for one that ends the daemon. False: `unless` was requested first.
    bool awaitEnd(const Cancellation& unless) {
        std::vector<pollfd> watched{{descriptor(), POLLIN, 0}, {unless.descriptor(), POLLIN, 0}};
        while (true) {
            awaitAny(watched);
            if (const int signal = take(); signal == SIGTERM || signal == SIGINT) return true;
            if (unless.requested()) return false;
        }
    }

private:
    Descriptor signals_;
};

Runner::Runner(std::unique_ptr<const PluginsInUse> plugins, Masker& masker)
    : masker_(masker),
      history_(historyFile(plugins->settings()), historyLimits(plugins->settings()), clock_),
      mirror_(mirrorSettings(plugins->settings())),
      generation_(std::make_unique<Generation>(std::move(plugins), ground())) {}

Ground Runner::ground() {
    return {history_, mirror_, masker_, clock_, reloads_, stopping_};
}

void Runner::serve() {
    plugin::adoptOrphans();
    reloads_.succeeded_at = clock_.now().time_since_epoch().count();
    // The port first: who cannot have it must not begin a deployment and break it off.
    http::Server server(generation_->rooms());
    Signals signals;
    generation_->start();
    log::info("http", "listening on " + generation_->settings().server.host + ":" +
                          std::to_string(server.port()));
    serveUntilStopped(server, signals);
    stop(server, signals);
}

void Runner::serveUntilStopped(http::Server& server, Signals& signals) {
    while (true) {
        letGo();
        std::vector<pollfd> watched{{signals.descriptor(), POLLIN, 0},
                                    {generation_->secretFiles().descriptor(), POLLIN, 0}};
        for (const auto& one : retired_)
            if (const auto end = one->waitsFor()) watched.push_back({*end, POLLIN, 0});
        if (watched.size() < 2 + retired_.size()) continue;  // one has ended meanwhile
        awaitAny(watched);
        if (const int signal = signals.take(); signal == SIGHUP) {
            reload(server, "the configuration",
                   [&] { return config::load(generation_->settings().origins.file); });
        } else if (signal != 0) {
            return;
        } else if (watched[1].revents != 0 && generation_->secretFiles().changed()) {
            reload(server, "the secrets",
                   [&] { return config::withSecretsReadAgain(generation_->settings()); });
        }
    }
}

void Runner::stop(http::Server& server, Signals& signals) {
    const auto grace = generation_->settings().engine.stop_grace;
    log::info("runner", "stopping; running steps may take " + std::to_string(grace.count() / 1000) +
                            " s, what waits stays queued; another signal stops at once");
    Cancellation stopped;
    std::thread impatient([&] {
        if (!signals.awaitEnd(stopped)) return;
        generation_->interrupt();
        for (const auto& one : retired_) one->interrupt();
    });
    failpoint("runner.draining");
    stopping_.request();
    server.stop(Duration{5'000});
    const auto deadline = std::chrono::steady_clock::now() + grace;
    generation_->stop(deadline);
    for (const auto& one : retired_) one->stop(deadline);
    stopped.request();
    impatient.join();
    log::info("runner", "stopped");
}

// A request that was answered by a retired one may have admitted something for an environment that
// is not there any more.
void Runner::letGo() {
    const auto gone =
        std::erase_if(retired_, [](const auto& one) { return !one->waitsFor().has_value(); });
    if (gone > 0) generation_->failUnknownEnvironments();
}

void Runner::reload(http::Server& server, std::string_view what,
                    const std::function<config::Settings()>& read) {
    try {
        takeOver(server, read());
        reloads_.succeeded_at = clock_.now().time_since_epoch().count();
        reloads_.last_succeeded = true;
        log::info("runner", "taken over: " + std::string(what));
    } catch (const std::exception& e) {
        reloads_.last_succeeded = false;
        std::istringstream sentences(e.what());
        for (std::string one; std::getline(sentences, one);) log::error("config", one);
        log::error("runner",
                   "not taken over: " + std::string(what) + "; what was in use stays in use");
    }
}

void Runner::takeOver(http::Server& server, config::Settings settings) {
    const auto& running = generation_->settings();
    if (const auto why = config::whyRestart(running, settings); !why.empty())
        throw config::Invalid(running.origins.file + ": " + why);
    if (retired_.size() + 1 >= kMostGenerations)
        throw config::Invalid("deployments and requests that run still use " +
                              std::to_string(kMostGenerations) +
                              " configurations; reload again when they have ended");
    auto next = std::make_unique<Generation>(
        std::make_unique<const PluginsInUse>(std::move(settings), masker_), ground());
    next->showServices();
    failpoint("runner.reloading");
    mirror_.logIn(next->settings().repository.url);  // whoever is refused below loses nothing by it
    server.answerFrom(next->rooms());
    // From here on nothing can be refused.
    generation_->retire();
    retired_.push_back(std::exchange(generation_, std::move(next)));
    generation_->succeed();
}

}  // namespace iac

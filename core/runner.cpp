#include "runner.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <system_error>
#include <thread>

#include "base/descriptor.hpp"
#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "data_folder.hpp"
#include "plugin/host.hpp"

namespace iac {
namespace {

history::Limits historyLimits(const config::Settings& settings) {
    history::Limits limits;
    limits.waiting = static_cast<std::size_t>(settings.server.limits.waiting_deployments);
    return limits;
}

repository::Login loginOf(const config::Settings& settings) {
    return {settings.repository.username, settings.repository.password};
}

repository::MirrorSettings mirrorSettings(const config::Settings& settings) {
    const auto& repository = settings.repository;
    return {repository.url,
            repository.branch,
            settings.data / "mirror.git",
            repository.timeout,
            loginOf(settings),
            static_cast<std::uint64_t>(repository.limits.files),
            repository.limits.size,
            repository.strict_fsck};
}

std::filesystem::path historyFile(const config::Settings& settings) {
    takeDataFolder(settings.data);
    return settings.data / "history.db";
}

/// How often is looked at what no event tells of: secret files behind links and replaced folders,
/// and what could not be done because the database did not answer.
constexpr int kLookEvery = 30'000;
constexpr int kForever = -1;

/// Waits until one of them is readable, or the time has passed.
void awaitAny(std::vector<pollfd>& watched, int milliseconds) {
    while (::poll(watched.data(), watched.size(), milliseconds) < 0 && errno == EINTR) continue;
}

void logRefusal(std::string_view what, const std::string& sentences) {
    std::istringstream lines(sentences);
    for (std::string one; std::getline(lines, one);) log::error("config", one);
    log::error("runner", "not taken over: " + std::string(what) + "; what was in use stays in use");
}

void warnOf(const Generation& generation) {
    for (const auto& refused : generation.registry().refused())
        log::warning("plugin", refused.reason);
    for (const auto& warning : generation.warnings()) log::warning("config", warning);
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
            awaitAny(watched, kForever);
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
      cgroups_(Cgroups::open(plugins->settings().engine.cgroup)),
      generation_(std::make_unique<Generation>(std::move(plugins), ground())) {}

Ground Runner::ground() {
    return {history_, mirror_, masker_, clock_, reloads_, stopping_, lane_claims_, *cgroups_};
}

void Runner::serve() {
    plugin::adoptOrphans();
    ::umask(generation_->settings().engine.umask);
    reloads_.succeeded_at = clock_.now().time_since_epoch().count();
    log::info("runner", "cgroup: " + cgroups_->describe());
    warnOf(*generation_);
    watchSecrets();
    // The port first: who cannot have it must not begin a deployment and break it off.
    http::Server server(generation_->rooms());
    Signals signals;
    generation_->start();
    log::info("http", "listening on " + generation_->settings().server.host + ":" +
                          std::to_string(server.port()));
    service_manager_.ready();
    serveUntilStopped(server, signals);
    service_manager_.stopping();
    stop(server, signals);
}

void Runner::serveUntilStopped(http::Server& server, Signals& signals) {
    int look_every = kLookEvery;
    // Twice in the time after which it would be killed. The other threads answer for themselves:
    // GET /health says how they are.
    if (const auto interval = service_manager_.watchdog()) {
        const auto half = std::chrono::duration_cast<std::chrono::milliseconds>(*interval) / 2;
        look_every = std::clamp(static_cast<int>(half.count()), 1, kLookEvery);
    }
    auto looked = std::chrono::steady_clock::now();
    while (true) {
        if (service_manager_.watchdog()) service_manager_.alive();
        letGo();
        if (std::exchange(secrets_due_, false)) renewSecrets(server);
        std::vector<pollfd> watched{{signals.descriptor(), POLLIN, 0},
                                    {secret_files_->descriptor(), POLLIN, 0}};
        for (const auto& one : retired_)
            if (const auto end = one->waitsFor()) watched.push_back({*end, POLLIN, 0});
        if (watched.size() < 2 + retired_.size()) continue;  // one has ended meanwhile
        awaitAny(watched, look_every);
        if (const auto now = std::chrono::steady_clock::now();
            now - looked >= std::chrono::milliseconds(kLookEvery)) {
            looked = now;
            generation_->failUnknownEnvironments();
            secrets_due_ = secrets_due_ || !secrets_refused_.empty();
        }
        if (secret_files_->changed()) secrets_due_ = true;
        if (const int signal = signals.take(); signal == SIGHUP) {
            renewConfiguration(server);
        } else if (signal != 0) {
            return;
        }
    }
}

void Runner::stop(http::Server& server, Signals& signals) {
    const auto grace = generation_->settings().engine.stop_grace;
    stop_bound_.emplace(grace);
    const auto deadline = std::chrono::steady_clock::now() + grace;
    log::info("runner", "stopping; running steps may take " + std::to_string(grace.count() / 1000) +
                            " s, what waits stays queued; another signal stops at once");
    Cancellation stopped;
    std::thread impatient([&] {
        if (!signals.awaitEnd(stopped)) return;
        stop_bound_->hurry();
        generation_->interrupt();
        for (const auto& one : retired_) one->interrupt();
    });
    failpoint("runner.draining");
    stopping_.request();
    generation_->stopTriggers();
    for (const auto& one : retired_) one->stopTriggers();
    server.stop(Duration{5'000});
    generation_->stop(deadline);
    for (const auto& one : retired_) one->stop(deadline);
    stopped.request();
    impatient.join();
    stop_bound_->finish();
    log::info("runner", "stopped");
}

// A request that was answered by a retired one may have admitted something for an environment that
// is not there any more.
void Runner::letGo() {
    const auto gone =
        std::erase_if(retired_, [](const auto& one) { return !one->waitsFor().has_value(); });
    if (gone == 0) return;
    generation_->failUnknownEnvironments();
    secrets_due_ = secrets_due_ || !secrets_refused_.empty();
}

void Runner::watchSecrets() {
    // A file that was there once may come again.
    auto files = generation_->settings().secret_files;
    if (secret_files_)
        for (const auto& file : secret_files_->files())
            if (std::ranges::find(files, file) == files.end()) files.push_back(file);
    secret_files_ = std::make_unique<FileWatch>(std::move(files));
    secrets_due_ = true;  // they may have changed since they were read
}

void Runner::renewConfiguration(http::Server& server) {
    service_manager_.reloading();
    constexpr std::string_view kWhat = "the configuration";
    file_refused_ = takeOver(server, kWhat, [&]() -> std::optional<config::Settings> {
        return config::load(generation_->settings().origins.file);
    });
    if (file_refused_.empty()) {
        secrets_refused_.clear();
    } else {
        logRefusal(kWhat, file_refused_);
    }
    tellHowItWent();
    service_manager_.ready();
}

void Runner::renewSecrets(http::Server& server) {
    constexpr std::string_view kWhat = "the secrets";
    auto refused = takeOver(server, kWhat, [&]() -> std::optional<config::Settings> {
        auto settings = config::withSecretsReadAgain(generation_->settings());
        if (settings.secrets == generation_->settings().secrets) return std::nullopt;
        return settings;
    });
    // What is tried again and again for the same reason is said once.
    if (!refused.empty() && refused != secrets_refused_) logRefusal(kWhat, refused);
    secrets_refused_ = std::move(refused);
    tellHowItWent();
}

void Runner::tellHowItWent() {
    reloads_.last_succeeded = file_refused_.empty() && secrets_refused_.empty();
}

// Why it was refused; empty: it was not.
std::string Runner::takeOver(http::Server& server, std::string_view what, const Read& read) {
    std::unique_ptr<Generation> next;
    try {
        auto settings = read();
        if (!settings) return {};
        next = prepare(server, std::move(*settings));
    } catch (const std::exception& e) {
        return e.what();
    }
    // From here on nothing can be refused: what fails ends the daemon.
    generation_->retire();
    retired_.push_back(std::exchange(generation_, std::move(next)));
    ::umask(generation_->settings().engine.umask);
    generation_->succeed();
    watchSecrets();
    warnOf(*generation_);
    reloads_.succeeded_at = clock_.now().time_since_epoch().count();
    log::info("runner", "taken over: " + std::string(what));
    return {};
}

// The next one, which the server answers from already; what can be refused is refused here.
std::unique_ptr<Generation> Runner::prepare(http::Server& server, config::Settings settings) {
    const auto& running = generation_->settings();
    if (const auto why = config::whyRestart(running, settings); !why.empty())
        throw config::Invalid(running.origins.file + ": " + why);
    if (retired_.size() + 1 >= kMostGenerations)
        throw config::Invalid("deployments and requests that run still use " +
                              std::to_string(kMostGenerations) +
                              " configurations; reload again when they have ended");
    auto next = std::make_unique<Generation>(
        std::make_unique<const PluginsInUse>(std::move(settings), masker_), ground());
    try {
        next->showServices();
    } catch (const std::exception& e) {
        // By the same rules as before it is the repository that is at fault.
        if (next->settings().text != running.text) throw;
        log::warning("repository", e.what());
    }
    failpoint("runner.reloading");
    mirror_.logIn(next->settings().repository.url, loginOf(next->settings()));
    try {
        server.answerFrom(next->rooms());
    } catch (...) {
        mirror_.logIn(running.repository.url, loginOf(running));
        throw;
    }
    return next;
}

}  // namespace iac

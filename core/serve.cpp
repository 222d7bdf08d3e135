#include "serve.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iomanip>
#include <iostream>

#include "base/account.hpp"
#include "base/log.hpp"
#include "notify/samples.hpp"
#include "plugin/crash.hpp"
#include "plugin/inside.hpp"
#include "runner.hpp"

namespace iac {
namespace {

// Before the first thread is made: the signals to the daemon are waited for in one place, nothing
// it writes can be read by others, and a crash leaves no copy of its secrets on the disk.
void prepareProcess() {
    sigset_t awaited;
    sigemptyset(&awaited);
    for (const int one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&awaited, one);
    ::pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    // Work trees and what tasks make have the modes that git and programs expect: a file of mode
    // 644 is copied as one. What the runner itself writes lies in `data`, which nobody else can
    // enter.
    ::umask(0022);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    // Nor can a task that runs as the same user read them in /proc: environment, memory, files.
    ::prctl(PR_SET_DUMPABLE, 0);
    keepCapabilitiesFromPrograms();
}

// The sentences of what cannot be caught where it happens, and the exit codes.
template <class Work>
int explained(Work work) {
    Masker masker;
    log::setMasker(&masker);
    plugin::reportCrashes();
    int exit_code = 0;
    try {
        work(masker);
    } catch (const config::Invalid& e) {
        std::cerr << masker.mask(e.what()) << '\n';
        exit_code = 2;
    } catch (const plugin::Refused& e) {
        std::cerr << masker.mask(e.what()) << '\n';
        exit_code = 2;
    } catch (const std::exception& e) {
        std::cerr << "iac-runner: " << masker.mask(e.what()) << '\n';
        exit_code = 1;
    }
    // What a call uses that does not return must not be taken from under it.
    if (!plugin::stuckCalls().empty()) {
        std::cout.flush();
        ::_exit(exit_code);
    }
    log::setMasker(nullptr);
    return exit_code;
}

config::Invalid noSuchNotifier(const std::string& name, const notify::Notifiers& notifiers) {
    std::string names;
    for (const auto& [one, notifier] : notifiers) names += (names.empty() ? "" : ", ") + one;
    return config::Invalid("\"" + name + "\" is not a notifier of the configuration (there are: " +
                           (names.empty() ? "none" : names) + ")");
}

}  // namespace

int serve(const std::filesystem::path& configuration) {
    prepareProcess();
    return explained([&](Masker& masker) {
        Runner(std::make_unique<const PluginsInUse>(config::load(configuration), masker), masker)
            .serve();
    });
}

int checkConfiguration(const std::filesystem::path& configuration) {
    return explained([&](Masker& masker) {
        const PluginsInUse plugins(config::load(configuration), masker);
        for (const auto& refused : plugins.registry().refused())
            std::cerr << "warning: " << masker.mask(refused.reason) << '\n';
        const auto cgroups = Cgroups::look(plugins.settings().engine.cgroup);
        for (const auto& warning : plugins.warnings(*cgroups))
            std::cerr << "warning: " << masker.mask(warning) << '\n';
        std::cout << configuration.string() << ": configuration OK\n"
                  << "cgroup of a runner started here: " << cgroups->describe() << '\n';
    });
}

int testNotifier(const std::filesystem::path& configuration, const std::string& name) {
    bool delivered = false;
    const int exit_code = explained([&](Masker& masker) {
        const PluginsInUse plugins(config::load(configuration), masker);
        const auto found = plugins.notifiers().find(name);
        if (found == plugins.notifiers().end()) throw noSuchNotifier(name, plugins.notifiers());
        delivered = notify::sendSamples(plugins.settings(), found->second, [&](const auto& sample) {
            constexpr int kWidth = 11;
            std::cout << std::left << std::setw(kWidth) << sample.name
                      << (sample.delivered ? "delivered" : "not delivered")
                      << (sample.sentence.empty() ? "" : ": ") << masker.mask(sample.sentence)
                      << std::endl;
        });
    });
    return exit_code == 0 && !delivered ? 1 : exit_code;
}

}  // namespace iac

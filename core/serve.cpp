#include "serve.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <iostream>

#include "base/log.hpp"
#include "runner.hpp"

namespace iac {
namespace {

// Before the first thread is made: the signals that end the daemon are waited for in one place,
// nothing it writes can be read by others, and a crash leaves no copy of its secrets on the disk.
void prepareProcess() {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    ::umask(0077);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace

int serve(const std::filesystem::path& configuration) {
    prepareProcess();
    Masker masker;
    log::setMasker(&masker);
    try {
        Runner runner(config::load(configuration), masker);
        runner.serve();
        return 0;
    } catch (const config::Invalid& e) {
        std::cerr << masker.mask(e.what()) << '\n';
        return 2;
    } catch (const plugin::Refused& e) {
        std::cerr << masker.mask(e.what()) << '\n';
        return 2;
    } catch (const std::exception& e) {
        std::cerr << "iac-runner: " << masker.mask(e.what()) << '\n';
        return 1;
    }
}

}  // namespace iac

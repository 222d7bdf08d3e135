// Between a fault and the end of the process only async-signal-safe functions may be called
// (signal-safety(7)): no allocation, no lock, no stdio.
#include "plugin/crash.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace iac::plugin {
namespace {

constexpr std::size_t kHandlerStack = 32u << 10;

struct Place {
    const char* plugin = nullptr;
    const char* function = nullptr;
};
// Initialized by a constant: reading it in the handler calls nothing.
thread_local constinit Place current;

struct Reported {
    int signal;
    const char* name;
    struct sigaction before;
};
std::array<Reported, 7> reported{{{SIGSEGV, "SIGSEGV", {}},
                                  {SIGBUS, "SIGBUS", {}},
                                  {SIGFPE, "SIGFPE", {}},
                                  {SIGILL, "SIGILL", {}},
                                  {SIGABRT, "SIGABRT", {}},
                                  {SIGTRAP, "SIGTRAP", {}},
                                  {SIGSYS, "SIGSYS", {}}}};
const char* prefix = "";

class Line {
public:
    Line& operator<<(std::string_view text) {
        const auto size = std::min(text.size(), bytes_.size() - size_);
        std::copy_n(text.begin(), size, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += size;
        return *this;
    }
    void print() const {
        std::string_view rest(bytes_.data(), size_);
        while (!rest.empty()) {
            const auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
            if (written <= 0) return;
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
    }

private:
    std::array<char, 1024> bytes_;
    std::size_t size_ = 0;
};

extern "C" void reportCrash(int signal, siginfo_t*, void*) {
    const int error = errno;
    const auto found = std::find_if(reported.begin(), reported.end(),
                                    [signal](const Reported& one) { return one.signal == signal; });
    Line line;
    line << prefix << "plugin: the runner crashed: signal=" << found->name;
    if (current.plugin != nullptr) {
        line << " plugin=" << current.plugin << " call=" << current.function;
    } else {
        line << " plugin=none";
    }
    line << "\n";
    line.print();
    ::sigaction(signal, &found->before, nullptr);
    // Not every fault comes again with the instruction that made it. This one waits until we
    // return.
    ::raise(signal);
    errno = error;
}

}  // namespace

CurrentCall::CurrentCall(const char* plugin, const char* function) {
    current = {plugin, function};
    stack_t before{};
    if (::sigaltstack(nullptr, &before) != 0 || (before.ss_flags & SS_DISABLE) == 0) return;
    stack_ = std::make_unique<char[]>(kHandlerStack);
    const stack_t ours{stack_.get(), 0, kHandlerStack};
    ::sigaltstack(&ours, nullptr);
}

CurrentCall::~CurrentCall() {
    current = {};
    if (stack_ == nullptr) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
}

void reportCrashes() {
    prefix = std::getenv("JOURNAL_STREAM") != nullptr ? "<3>" : "error ";
    for (auto& one : reported) {
        struct sigaction action {};
        action.sa_sigaction = reportCrash;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigemptyset(&action.sa_mask);
        ::sigaction(one.signal, &action, &one.before);
    }
}

}  // namespace iac::plugin

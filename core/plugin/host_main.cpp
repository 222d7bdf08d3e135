// plugin-host: the process in which one plugin does its one call, and in which plugin
// files are opened for the first time. It links neither Poco nor Boost: a library it brought would
// be taken instead of the one a plugin brings, and it has to start in a few milliseconds.
//
//     plugin-host --call PARENT [IDS]    the request on standard input, the answer on descriptor 3;
//                                        IDS (UID:GID:GROUPS): whom it becomes before all else
//     plugin-host --probe FILE...        opens the files; says so when nothing died of it
#include <dlfcn.h>
#include <iac/plugin.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

#include "base/account.hpp"
#include "plugin/check_host.hpp"
#include "plugin/host_events.hpp"
#include "plugin/host_process.hpp"
#include "plugin/probe.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// A crash has to end this process as it does without the sanitizer: by its signal. A finding ends
// it, so that no answer comes and nobody overlooks it. And a process that ends with _exit() has no
// leaks.
namespace {
constexpr const char* kSanitizerOptions =
    "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0:detect_leaks=0:"
    "halt_on_error=1";
}
extern "C" IAC_EXPORT const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return kSanitizerOptions;
}
extern "C" IAC_EXPORT const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
    return kSanitizerOptions;
}
#endif

namespace iac::plugin {
namespace {

constexpr int kLeftSomething = 71;      // the daemon looks for it when this is the exit code
constexpr Duration kLastSecond{1'000};  // between the end of the grace time and ours

// There is nothing to tidy up that the end of the process does not; and a plugin's static
// destructors, and threads it forgot, get no chance to spoil an answer that is given.
[[noreturn]] void end(int code) {
    ::fflush(nullptr);
    ::_exit(code);
}

std::string lastError() {
    const char* error = ::dlerror();
    return error == nullptr ? "the loader gave no reason" : error;
}

const iac_plugin& open(const HostRequest& request) {
    void* library = ::dlopen(request.file.c_str(), RTLD_NOW | RTLD_LOCAL);
    const void* symbol = library == nullptr ? nullptr : ::dlsym(library, "iac_plugin_module");
    if (symbol == nullptr) throw std::runtime_error("cannot be loaded: " + lastError());
    const auto& module = *static_cast<const iac_module*>(symbol);
    // The daemon judged this file; what has changed since then is not called.
    if (module.magic != IAC_MAGIC || module.abi_major != IAC_ABI_MAJOR ||
        module.abi_minor > IAC_ABI_MINOR)
        throw std::runtime_error("was changed since the runner started; start it again");
    for (std::uint32_t i = 0; i < module.count; ++i)
        if (module.plugins[i]->id == request.id) return *module.plugins[i];
    throw std::runtime_error(
        "has no \"" + request.id +
        "\" any more: it was changed since the runner started; start it again");
}

std::unique_ptr<const Document> parse(const std::string& json, const char* what) {
    std::string reason;
    auto document = Document::parse(json, reason);
    if (document == nullptr)
        throw std::runtime_error(std::string("its ") + what + " cannot be read: " + reason);
    return document;
}

std::string sentence(iac_error& error) {
    error.message[sizeof error.message - 1] = '\0';
    return error.message[0] == '\0' ? "it gave no reason" : error.message;
}

ExecRoom roomOf(const HostRequest& request) {
    return {request.environment, request.directory,
            Duration(static_cast<Duration::rep>(request.grace_ms)), request.secrets};
}

Duration processorTime() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return std::chrono::duration_cast<Duration>(std::chrono::seconds(now.tv_sec) +
                                                std::chrono::nanoseconds(now.tv_nsec));
}

// A test of `iac-runner plugins check` instead of a call.
bool carryOutCheck(const HostRequest& request, const Cancellation& cancel, FrameEvents& events) {
    const Duration before = processorTime();
    const iac_plugin& plugin = open(request);
    const Duration opening = processorTime() - before;
    const auto config = parse(request.config, "configuration"),
               input = parse(request.input, "input");
    const ExecRoom room = roomOf(request);
    const RealServices real{events, room, &cancel};
    const CheckFinding found =
        check(request.check, {plugin, *config->root(), *input->root(), opening, &real});
    const bool nothing_left = leaveNothing();
    events.ended(static_cast<iac_status>(found.is), found.sentence);
    return nothing_left;
}

// The input with the body of a trigger's request, which may be any bytes and so is no part of the
// JSON. The parsed one and the body have to outlive it.
std::unique_ptr<const Document> withBody(const iac_value& input, std::string_view body) {
    auto whole = std::make_unique<Document>();
    std::vector<Document::Member> members;
    for (std::uint32_t i = 0; i < input.count; ++i)
        members.emplace_back(view(input.keys[i]), input.items[i]);
    members.emplace_back("body", whole->text(body));
    whole->setRoot(whole->object(members));
    return whole;
}

// create(), call(), destroy(); then nothing of it is left, and only then the answer. False:
// something could not be ended.
bool carryOut(const HostRequest& request, const Cancellation& cancel, FrameEvents& events) {
    const iac_plugin& plugin = open(request);
    const auto config = parse(request.config, "configuration"),
               input = parse(request.input, "input");
    iac_error error{};
    void* self = plugin.create(hostServices(), config->root(), &error);
    if (self == nullptr) throw std::runtime_error("create() failed: " + sentence(error));

    const bool is_trigger = std::string_view(plugin.kind).starts_with("trigger/");
    const auto whole = is_trigger ? withBody(*input->root(), request.body) : nullptr;
    const ExecRoom room = roomOf(request);
    CallServices services(events, room, &cancel);
    error = {};
    iac_status status = plugin.call(self, services.table(),
                                    whole != nullptr ? whole->root() : input->root(), &error);
    std::string message = status == IAC_OK ? std::string() : sentence(error);
    if (const auto fault = services.fault(); !fault.empty()) {
        status = IAC_INTERNAL;
        message = fault;
    }
    plugin.destroy(self);
    const bool nothing_left = leaveNothing();
    events.ended(status, message);
    return nothing_left;
}

// Before the request is read: nothing of a plugin is opened, and no setting of it is known, as the
// user of the daemon.
void become(const std::string& text) {
    const auto ids = parseUserIds(text);
    if (!ids) throw std::runtime_error("the ids of the user, \"" + text + "\", cannot be read");
    try {
        becomeUser(*ids);
    } catch (const std::system_error& error) {
        throw std::runtime_error("cannot become the user " + std::to_string(ids->uid) + ": " +
                                 error.what() +
                                 "; run the runner as root, or give it CAP_SETUID and CAP_SETGID");
    }
}

void enter(const std::string& directory) {
    if (directory.empty() || ::chdir(directory.c_str()) == 0) return;
    throw std::runtime_error("cannot enter " + directory + " as the user " +
                             std::to_string(::getuid()) + ": " + std::strerror(errno));
}

int callOnce(pid_t parent, const std::string& ids) {
    static Cancellation cancel;
    ::fcntl(kFrameDescriptor, F_SETFD, FD_CLOEXEC);
    FrameEvents events(kFrameDescriptor);
    try {
        if (!ids.empty()) become(ids);  // first: it ends the parent-death signal
        Descriptor from = settleIn(parent, cancel);
        const HostRequest request = readRequest(from.get());
        if (!ids.empty()) enter(request.directory);
        limitMemory(request.memory);
        limitProcessorTime(request.processor_seconds);
        const Duration grace(static_cast<Duration::rep>(request.grace_ms));
        // What it starts must not read its settings in /proc. A check of the plugin looks there.
        if (request.check.empty()) ::prctl(PR_SET_DUMPABLE, 0);
        watch(std::move(from), cancel, grace + kLastSecond);
        const bool nothing_left = request.check.empty() ? carryOut(request, cancel, events)
                                                        : carryOutCheck(request, cancel, events);
        return nothing_left ? 0 : kLeftSomething;
    } catch (const std::exception& error) {
        const bool nothing_left = leaveNothing();
        events.refused(error.what());
        return nothing_left ? 0 : kLeftSomething;
    }
}

// A file that cannot be linked does no harm: the daemon finds that out by itself.
int probeAll(int count, char** files) {
    // Should the runner die meanwhile, a constructor that never comes back must not stay.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    constexpr unsigned kSeconds = 60;
    ::alarm(kSeconds);
    for (int i = 0; i < count; ++i) ::dlopen(files[i], RTLD_NOW | RTLD_LOCAL);
    std::puts(kProbed);
    return 0;
}

}  // namespace
}  // namespace iac::plugin

int main(int argc, char** argv) {
    using namespace iac::plugin;
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "--probe") end(probeAll(argc - 2, argv + 2));
    if (mode == "--call" && (argc == 3 || argc == 4))
        end(callOnce(std::atoi(argv[2]), argc == 4 ? argv[3] : ""));
    std::fputs("plugin-host is started by iac-runner, for one call of a plugin; see core/plugin.\n",
               stderr);
    return 2;
}

#include "base/process.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cstring>
#include <stdexcept>

extern "C" {  // glibc 2.36 forgot it in this header
#include <sys/pidfd.h>
}

#include "base/account.hpp"
#include "base/strays.hpp"

namespace iac {
namespace {

constexpr std::string_view kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string_view pathOf(const std::vector<std::string>& environment) {
    for (const std::string_view one : environment)
        if (one.starts_with("PATH=")) return one.substr(5);
    return kDefaultPath;
}

bool isProgram(const std::string& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           ::access(file.c_str(), X_OK) == 0;
}

// posix_spawnp would look into the PATH of this process, not into that of the child.
std::string findProgram(const Program& program) {
    const std::string& name = program.argv.at(0);
    if (name.find('/') != std::string::npos) return name;
    const std::string_view path = pathOf(program.environment);
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        std::string file = std::string(path.substr(begin, end - begin)) + "/" + name;
        if (end > begin && isProgram(file)) return file;
        begin = end + 1;
    }
    throw std::runtime_error("cannot start \"" + name + "\": there is no such program in PATH (" +
                             std::string(path) + ")");
}

// posix_spawn's attributes and actions, released whatever happens.
struct SpawnPlan {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    SpawnPlan() {
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_init(&actions);
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
};

void planSignals(SpawnPlan& plan, Child::Group group) {
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&plan.attributes, &all);
    posix_spawnattr_setsigmask(&plan.attributes, &none);
    const short own =
        group == Child::Group::own_session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setflags(
        &plan.attributes, static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | own));
}

// Ours are moved out of the way of the child's numbers first, so that no dup2 overwrites a later
// source.
std::vector<Descriptor> planDescriptors(SpawnPlan& plan, const Child::Descriptors& descriptors) {
    constexpr int kAbove = 64;
    std::vector<Descriptor> moved;
    int last = 2;
    std::array<bool, 3> named{};
    for (const auto& [ours, its] : descriptors) {
        moved.emplace_back(::fcntl(ours, F_DUPFD_CLOEXEC, kAbove));
        if (!moved.back())
            throw std::system_error(errno, std::generic_category(),
                                    "cannot start a program: fcntl");
        posix_spawn_file_actions_adddup2(&plan.actions, moved.back().get(), its);
        if (its <= 2) named.at(static_cast<std::size_t>(its)) = true;
        last = std::max(last, its);
    }
    for (int its = 0; its <= 2; ++its)
        if (!named.at(static_cast<std::size_t>(its)))
            posix_spawn_file_actions_addopen(&plan.actions, its, "/dev/null",
                                             its == 0 ? O_RDONLY : O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&plan.actions, last + 1);
    return moved;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

}  // namespace

std::string toText(Exit exit) {
    if (exit.code >= 0) return "exit code " + std::to_string(exit.code);
    return "signal " + std::to_string(-exit.code) + " (" + ::strsignal(-exit.code) + ")";
}

Child::Child(const Program& program, const Descriptors& descriptors, Group group) {
    if (program.argv.empty() || program.argv[0].empty())
        throw std::runtime_error("cannot start a program: the argument list is empty");
    const std::string file = findProgram(program);
    SpawnPlan plan;
    planSignals(plan, group);
    const auto moved = planDescriptors(plan, descriptors);
    if (!program.directory.empty())
        posix_spawn_file_actions_addchdir_np(&plan.actions, program.directory.c_str());

    const auto argv = pointers(program.argv), environment = pointers(program.environment);
    int failed = 0;
    {
        const auto held = strays::changing().share();
        const PassedSwitchCapabilities passed(program.may_switch_user);
        failed = ::posix_spawn(&pid_, file.c_str(), &plan.actions, &plan.attributes, argv.data(),
                               environment.data());
        if (failed == 0) strays::add(pid_);
    }
    if (failed != 0) {
        const bool gone =
            !program.directory.empty() && ::access(program.directory.c_str(), X_OK) != 0;
        throw std::runtime_error("cannot start \"" + program.argv[0] + "\"" +
                                 (gone ? " in the directory " + program.directory : "") + ": " +
                                 std::strerror(failed));
    }
    pidfd_ = Descriptor(::pidfd_open(pid_, 0));
    if (!pidfd_) {
        const int reason = errno;
        signalGroup(SIGKILL);
        wait();
        throw std::system_error(reason, std::generic_category(),
                                "cannot watch a program: pidfd_open");
    }
}

Child::~Child() {
    if (exit_) return;
    signalGroup(SIGKILL);
    wait();
}

Exit Child::wait() {
    if (exit_) return *exit_;
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0) {
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitid");
    }
    const auto held = strays::changing().share();
    ::waitpid(pid_, nullptr, 0);  // it has ended: this returns at once
    strays::remove(pid_);
    exit_ = Exit{info.si_code == CLD_EXITED ? info.si_status : -info.si_status};
    return *exit_;
}

void Child::signalGroup(int signal) const noexcept {
    if (!exit_) ::kill(-pid_, signal);
}

}  // namespace iac

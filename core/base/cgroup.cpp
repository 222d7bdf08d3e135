#include "base/cgroup.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace iac {
namespace fs = std::filesystem;
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kProcesses = "cgroup.procs";
constexpr const char* kEvents = "cgroup.events";
constexpr const char* kKill = "cgroup.kill";
constexpr const char* kEnabled = "cgroup.subtree_control";
constexpr const char* kOwnChild = "iac-runner";  // the runner itself
constexpr std::string_view kStep = "iac-step-";  // and the process id of its runner, and a number
constexpr std::chrono::seconds kPatience{2};

std::string textOf(const fs::path& file) {
    // Not by iterators of the stream: those throw when the cgroup is removed meanwhile.
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

// 0, or an errno. The kernel takes a value in one write(2).
int put(const fs::path& file, std::string_view text, int flags = 0) noexcept {
    const Descriptor out(::open(file.c_str(), O_WRONLY | O_CLOEXEC | flags, 0600));
    if (!out) return errno;
    return ::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())
               ? 0
               : errno;
}

// In a cgroup, nobody can make a file: O_CREAT is for the tests, which have a plain folder.
void putOrThrow(const fs::path& file, std::string_view text) {
    if (const int fault = put(file, text, O_CREAT); fault != 0)
        throw std::system_error(fault, std::generic_category(),
                                "cannot write \"" + std::string(text) + "\" to " + file.string());
}

// Where the tree of version 2 is mounted, and which part of it: /proc/self/mountinfo, proc(5).
struct Mount {
    fs::path point, root;
};
std::optional<Mount> findMount() {
    std::istringstream lines(textOf("/proc/self/mountinfo"));
    for (std::string line; std::getline(lines, line);) {
        const auto behind = line.find(" - cgroup2 ");
        if (behind == std::string::npos) continue;
        std::istringstream fields(line);
        std::string id, above, device, root, point;
        fields >> id >> above >> device >> root >> point;
        return Mount{point, root};
    }
    return std::nullopt;
}

// "0::/system.slice/iac-runner.service", cgroups(7).
std::string ownPath() {
    std::istringstream lines(textOf("/proc/self/cgroup"));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("0::")) return line.substr(3);
    return {};
}

// The folder of this process's own cgroup; empty: `why` says why it is not known.
fs::path ownFolder(std::string& why) {
    const auto mount = findMount();
    const std::string path = ownPath();
    if (!mount || path.empty()) {
        why = "no cgroup file system of version 2 is mounted";
        return {};
    }
    const fs::path below = fs::path(path).lexically_relative(mount->root);
    if (below.empty() || *below.begin() == "..") {
        why = "the cgroup of the runner, " + path + ", is outside of what is mounted at " +
              mount->point.string();
        return {};
    }
    fs::path folder = (mount->point / below).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();
    // A runner that replaced itself stands in the one that it made.
    return folder.filename() == kOwnChild ? folder.parent_path() : folder;
}

std::string whyUnusable(const fs::path& folder) {
    if (::access((folder / kProcesses).c_str(), F_OK) != 0)
        return folder.string() + " is not a cgroup of version 2";
    if (::access(folder.c_str(), W_OK) != 0 || ::access((folder / kProcesses).c_str(), W_OK) != 0)
        return folder.string() + " is not writable";
    if (::access((folder / kKill).c_str(), F_OK) != 0 &&
        ::access((folder / kEvents).c_str(), F_OK) == 0)
        return "the kernel has no cgroup.kill (Linux 5.14 has)";
    return {};
}

bool holds(const std::string& words, std::string_view word) {
    return (" " + words + " ").find(" " + std::string(word) + " ") != std::string::npos;
}

std::string words(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

// A cgroup with processes of its own cannot limit its children, but for the root: then the runner
// moves into a child. What cannot be enabled is told by unenforced().
void enableControllers(const fs::path& parent, bool own) {
    const std::string there = words(textOf(parent / "cgroup.controllers"));
    std::vector<std::string> wanted;
    for (const char* one : {"memory", "pids", "cpu"})
        if (holds(there, one) && !holds(words(textOf(parent / kEnabled)), one))
            wanted.push_back("+" + std::string(one));
    const auto enable = [&] {
        bool busy = false;
        for (const auto& one : wanted) busy = put(parent / kEnabled, one) == EBUSY || busy;
        return !busy;
    };
    if (enable() || !own) return;
    const fs::path child = parent / kOwnChild;
    if ((::mkdir(child.c_str(), 0755) == 0 || errno == EEXIST) &&
        put(child / kProcesses, "0") == 0)  // 0: the one that writes
        enable();
}

// What a runner that was killed left. One that still runs may share the folder with us.
void removeLeft(const fs::path& parent) {
    std::error_code unreadable;
    for (const auto& entry : fs::directory_iterator(parent, unreadable)) {
        const std::string name = entry.path().filename();
        if (!name.starts_with(kStep)) continue;
        pid_t owner = 0;
        std::from_chars(name.data() + kStep.size(), name.data() + name.size(), owner);
        if (owner <= 0) continue;
        // In a container an earlier runner had the number that this one has.
        if (owner != ::getpid() && (::kill(owner, 0) == 0 || errno != ESRCH)) continue;
        put(entry.path() / kKill, "1");
        ::rmdir(entry.path().c_str());  // one that is not empty yet: the next start removes it
    }
}

}  // namespace

Cgroup::Cgroup(fs::path folder, const CgroupLimits& limits) : folder_(std::move(folder)) {
    if (::mkdir(folder_.c_str(), 0755) != 0)
        throw std::system_error(errno, std::generic_category(),
                                "cannot make the cgroup " + folder_.string());
    constexpr std::int64_t kPeriod = 100'000;  // microseconds
    constexpr int kWhole = 100;                // percent
    try {
        if (limits.memory > 0) {
            putOrThrow(folder_ / "memory.max", std::to_string(limits.memory));
            put(folder_ / "memory.swap.max", "0");  // not there without swap accounting
        }
        if (limits.processes > 0)
            putOrThrow(folder_ / "pids.max", std::to_string(limits.processes));
        if (limits.cpu_percent > 0)
            putOrThrow(folder_ / "cpu.max", std::to_string(limits.cpu_percent * kPeriod / kWhole) +
                                                " " + std::to_string(kPeriod));
    } catch (...) {
        ::rmdir(folder_.c_str());
        throw;
    }
}

Cgroup::~Cgroup() {
    kill();
    const bool empty = awaitEmpty();
    if (::rmdir(folder_.c_str()) == 0 || errno == ENOENT) return;
    log::warning("steps", "cannot remove the cgroup " + folder_.string() + ": " +
                              (empty ? std::strerror(errno)
                                     : "a process in it sleeps in the kernel; look for processes "
                                       "in state D"));
}

void Cgroup::add(pid_t pid) const {
    putOrThrow(folder_ / kProcesses, std::to_string(pid));
}

void Cgroup::kill() const noexcept {
    put(folder_ / kKill, "1");
}

// The kernel reports each change of cgroup.events as POLLPRI. False: not within kPatience.
bool Cgroup::awaitEmpty() const noexcept try {
    const auto until = SteadyClock::now() + kPatience;
    const Descriptor events(::open((folder_ / kEvents).c_str(), O_RDONLY | O_CLOEXEC));
    if (!events) return true;
    while (true) {
        char text[256];
        const auto size = ::pread(events.get(), text, sizeof text, 0);
        if (size <= 0 ||
            std::string_view(text, static_cast<std::size_t>(size)).find("populated 1") ==
                std::string_view::npos)
            return true;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now());
        if (left.count() <= 0) return false;
        pollfd changed{events.get(), POLLPRI, 0};
        ::poll(&changed, 1, static_cast<int>(left.count()));
    }
} catch (const std::exception&) {
    return true;
}

Cgroups::Cgroups(std::string why_not) : why_not_(std::move(why_not)) {}

Cgroups::Cgroups(fs::path parent, std::string controllers)
    : parent_(std::move(parent)), controllers_(std::move(controllers)) {}

std::unique_ptr<Cgroups> Cgroups::open(const fs::path& parent) {
    return find(parent, true);
}

std::unique_ptr<Cgroups> Cgroups::look(const fs::path& parent) {
    return find(parent, false);
}

std::unique_ptr<Cgroups> Cgroups::find(const fs::path& configured, bool change) {
    std::string why;
    const fs::path parent = configured.empty() ? ownFolder(why) : configured;
    if (why.empty()) why = whyUnusable(parent);
    if (!why.empty()) return std::make_unique<Cgroups>(why);
    if (change) {
        removeLeft(parent);
        enableControllers(parent, configured.empty());
    }
    // Nothing is enabled before a runner has started there: then what could be counts.
    const char* file = change ? kEnabled : "cgroup.controllers";
    return std::unique_ptr<Cgroups>(new Cgroups(parent, words(textOf(parent / file))));
}

std::string Cgroups::describe() const {
    return used() ? "used: " + parent_.string() : "not used: " + why_not_;
}

bool Cgroups::enforces(const char* controller) const {
    return used() && holds(controllers_, controller);
}

std::string Cgroups::unenforced(const CgroupLimits& limits) const {
    std::string names;
    const auto look = [&](bool wanted, const char* name, const char* controller) {
        if (wanted && !enforces(controller))
            names += (names.empty() ? "" : ", ") + std::string(name);
    };
    look(limits.memory > 0, "memory", "memory");
    look(limits.processes > 0, "pids", "pids");
    look(limits.cpu_percent > 0, "cpu", "cpu");
    if (names.empty()) return {};
    return names + ": " +
           (used() ? "the controllers of " + parent_.string() + " do not have " +
                         (names.find(',') == std::string::npos ? "it" : "them")
                   : "cgroups are not used: " + why_not_);
}

std::unique_ptr<Cgroup> Cgroups::make(const CgroupLimits& limits) const {
    if (!used()) return nullptr;
    std::string name;
    std::error_code unreadable;
    do {
        name = std::string(kStep) + std::to_string(::getpid()) + "-" + std::to_string(++made_);
    } while (std::filesystem::exists(parent_ / name, unreadable));  // left by an earlier runner
    const CgroupLimits enforced{enforces("memory") ? limits.memory : 0,
                                enforces("pids") ? limits.processes : 0,
                                enforces("cpu") ? limits.cpu_percent : 0};
    return std::unique_ptr<Cgroup>(new Cgroup(parent_ / name, enforced));
}

}  // namespace iac

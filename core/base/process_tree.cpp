// killDescendants(): the processes below one, as /proc tells them.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/descriptor.hpp"
#include "base/process.hpp"

namespace iac {
namespace {

struct Process {
    pid_t pid = 0, parent = 0;
    char state = '?';
};

// /proc/PID/stat: "4711 (name, which may hold anything) S 4700 ..."
std::optional<Process> readProcess(const std::string& name) {
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc{})
        return std::nullopt;
    const Descriptor file(::open(("/proc/" + name + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
    // All of it: a process may have given itself a name with a line end in it. Not by a stream: one
    // that ends between open and read is an error to it, and would end the search.
    std::string line(4'096, '\0');
    const ssize_t size = file ? ::read(file.get(), line.data(), line.size()) : -1;
    line.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    const std::size_t end = line.rfind(')');
    if (end == std::string::npos || end + 4 >= line.size()) return std::nullopt;
    Process process{pid, 0, line[end + 2]};
    std::from_chars(line.data() + end + 4, line.data() + line.size(), process.parent);
    return process;
}

std::vector<pid_t> descendants(pid_t ancestor) {
    std::multimap<pid_t, pid_t> children;
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
        const auto process = readProcess(entry.path().filename());
        if (process && process->state != 'Z') children.emplace(process->parent, process->pid);
    }
    std::vector<pid_t> found{ancestor};
    for (std::size_t at = 0; at < found.size(); ++at) {
        const auto [first, last] = children.equal_range(found[at]);
        for (auto child = first; child != last; ++child) found.push_back(child->second);
    }
    found.erase(found.begin());
    return found;
}

}  // namespace

std::vector<pid_t> childrenOf(pid_t pid) {
    std::vector<pid_t> found;
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
        const auto process = readProcess(entry.path().filename());
        if (process && process->parent == pid) found.push_back(process->pid);
    }
    return found;
}

void killDescendants(pid_t pid) noexcept try {
    // One that forks while we look is seen in the next round; a killed one forks no more. What was
    // killed and is still there sleeps in the kernel: looking again does not wake it.
    constexpr int kRounds = 1'000;
    std::set<pid_t> killed;
    for (int round = 0; round < kRounds; ++round) {
        bool found = false;
        for (const pid_t one : descendants(pid)) {
            if (!killed.insert(one).second) continue;
            found = true;
            ::kill(one, SIGKILL);
        }
        if (!found) return;
    }
} catch (const std::exception&) {
    // Out of memory, at worst: the group was signalled before, and the subreaper goes on looking.
    return;
}

}  // namespace iac

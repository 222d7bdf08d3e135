#include "http/process_metrics.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace iac::http {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily gauge(const std::string& name, const std::string& help, double value) {
    MetricFamily family{name, help, MetricType::Gauge, {}};
    family.metric.emplace_back().gauge.value = value;
    return family;
}

/// The fields of /proc/self/stat behind the name of the program, which may hold anything.
std::vector<std::string> statFields() {
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    const auto name_end = line.rfind(')');
    std::vector<std::string> fields;
    if (name_end == std::string::npos) return fields;
    std::istringstream rest(line.substr(name_end + 1));
    for (std::string field; rest >> field;) fields.push_back(field);
    return fields;
}

std::optional<double> bootTime() {
    std::ifstream file("/proc/stat");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("btime ")) return std::stod(line.substr(6));
    return std::nullopt;
}

std::size_t openDescriptors() {
    std::error_code failed;
    std::size_t count = 0;
    for (std::filesystem::directory_iterator at("/proc/self/fd", failed), end; !failed && at != end;
         at.increment(failed))
        ++count;
    if (!failed) return count;
    // A process that others must not look into cannot list its own, unless it is root's.
    constexpr rlim_t kMost = 65'536;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = 0; fd < static_cast<int>(std::min(limit.rlim_cur, kMost)); ++fd)
        if (::fcntl(fd, F_GETFD) >= 0) ++count;
    return count;
}

}  // namespace

std::vector<MetricFamily> processMetrics() {
    // Places of proc(5), counted from the state, which is the third field.
    constexpr std::size_t kUserTime = 11, kSystemTime = 12, kThreads = 17, kStart = 19,
                          kVirtual = 20, kResident = 21;
    std::vector<MetricFamily> families;
    if (const auto fields = statFields(); fields.size() > kResident) {
        const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
        const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
        const auto number = [&](std::size_t at) { return std::stod(fields[at]); };
        MetricFamily time{"process_cpu_seconds_total",
                          "Processor time of the runner itself.",
                          MetricType::Counter,
                          {}};
        time.metric.emplace_back().counter.value =
            (number(kUserTime) + number(kSystemTime)) / ticks;
        families.push_back(time);
        families.push_back(
            gauge("process_virtual_memory_bytes", "Address space.", number(kVirtual)));
        families.push_back(
            gauge("process_resident_memory_bytes", "Memory in use.", number(kResident) * page));
        families.push_back(gauge("process_threads", "Threads.", number(kThreads)));
        if (const auto boot = bootTime())
            families.push_back(gauge("process_start_time_seconds",
                                     "When the runner was started, in seconds since 1970.",
                                     *boot + number(kStart) / ticks));
    }
    families.push_back(gauge("process_open_fds", "Open file descriptors.",
                             static_cast<double>(openDescriptors())));
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
        families.push_back(gauge("process_max_fds", "File descriptors that may be open.",
                                 static_cast<double>(limit.rlim_cur)));
    return families;
}

}  // namespace iac::http

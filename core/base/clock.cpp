#include "base/clock.hpp"

#include <cstdio>
#include <ctime>

namespace iac {

std::string toText(Time time) {
    using namespace std::chrono;
    const auto whole = floor<seconds>(time);
    const std::time_t seconds_since_epoch = whole.time_since_epoch().count();
    std::tm utc{};
    gmtime_r(&seconds_since_epoch, &utc);
    char text[40];
    std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    if (const auto rest = (time - whole).count(); rest != 0)
        size += static_cast<std::size_t>(
            std::snprintf(text + size, sizeof text - size, ".%03d", static_cast<int>(rest)));
    return std::string(text, size) + "Z";
}

}  // namespace iac

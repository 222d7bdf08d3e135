#pragma once

#include <chrono>
#include <string>

namespace iac {

/// Wall time, as it is stored and shown. Deadlines use std::chrono::steady_clock instead.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

/// Where the program meets the time of day. [any-thread]
class Clock {
public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

class SystemClock final : public Clock {
public:
    Time now() const override {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now());
    }
};

/// RFC 3339 in UTC: "2025-01-24T04:51:00Z"; with milliseconds only when there are any.
std::string toText(Time time);

}  // namespace iac

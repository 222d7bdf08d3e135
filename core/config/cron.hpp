#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace iac::config {

/// A time pattern as in crontab(5): "minute hour day-of-month month day-of-week", each a `*`, a
/// number, a range, a list or any of these with a step; months and days of the week also by their
/// first three letters, Sunday is 0 and 7. As there, a day matches when one of the two day fields
/// does, unless one of them is `*`. In the time zone of the host. A value.
class Cron {
public:
    Cron() = default;  ///< matches never
    /// Empty: it is no such pattern, and `why` says what is wrong with it.
    static std::optional<Cron> parse(std::string_view text, std::string& why);

    /// The last minute that matches, not after `now` and not before `now - within`.
    std::optional<Time> lastBefore(Time now, Duration within) const;
    /// The first minute that matches after `now`, not after `now + within`.
    std::optional<Time> nextAfter(Time now, Duration within) const;

private:
    bool matches(Time minute) const;

    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;    // 1 to 31
    std::bitset<13> months_;  // 1 to 12
    std::bitset<7> weekdays_;
    bool any_day_ = false, any_weekday_ = false;
};

}  // namespace iac::config

#pragma once

#include <bitset>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace iac::config {

/// A time pattern as in crontab(5): "minute hour day-of-month month day-of-week", each a `*`, a
/// number, a range, a list or any of these with a step; months and days of the week also by their
/// first three letters, Sunday is 0 and 7. As there, a day matches when one of the two day fields
/// does, unless one of them is `*`. In the time zone of the host. A value.
///
/// Where the clock is changed by less than three hours, a pattern with a minute and an hour of its
/// own (neither begins with `*`) matches as in cron(8): what lies in the hour that is left out
/// matches at the change, and what lies in the hour that comes twice matches the first time only.
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
    bool matchesFields(const std::tm& local) const;
    bool matchesLeftOut(std::int64_t seconds, const std::tm& local) const;

    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;    // 1 to 31
    std::bitset<13> months_;  // 1 to 12
    std::bitset<7> weekdays_;
    bool any_day_ = false, any_weekday_ = false;
    bool fixed_ = false;  // neither the minute nor the hour begins with `*`
};

}  // namespace iac::config

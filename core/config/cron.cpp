#include "config/cron.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <vector>

namespace iac::config {
namespace {

constexpr Duration kMinute{60'000};

struct Field {
    std::string_view name;
    int least, most;
    std::vector<std::string_view> names;  // of the numbers from `least` on
};

const std::array<Field, 5>& fields() {
    static const std::array<Field, 5> all{
        {{"a minute", 0, 59, {}},
         {"an hour", 0, 23, {}},
         {"a day of the month", 1, 31, {}},
         {"a month",
          1,
          12,
          {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
         {"a day of the week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}}}};
    return all;
}

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto at = text.find(by);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::string lower(std::string_view text) {
    std::string copy(text);
    for (char& c : copy)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return copy;
}

std::optional<int> numberOf(std::string_view text, const Field& field) {
    for (std::size_t i = 0; i < field.names.size(); ++i)
        if (lower(text) == field.names[i]) return field.least + static_cast<int>(i);
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (number < field.least || number > field.most) return std::nullopt;
    return number;
}

/// As in cron(8), a step may be larger than its field: then the first number is the only one. Such
/// a step is returned as the smallest that does this.
std::optional<int> stepOf(std::string_view text, const Field& field) {
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.empty() || !std::all_of(text.begin(), text.end(), isDigit)) return std::nullopt;
    const int beyond = field.most - field.least + 1;
    int step = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), step).ec != std::errc{})
        return beyond;  // digits only: too large for an int
    if (step < 1) return std::nullopt;
    return std::min(step, beyond);
}

/// The numbers of "1-5/2"; none: it is not understood.
std::vector<int> numbersOf(std::string_view part, const Field& field) {
    const auto slash = part.find('/');
    int step = 1;
    if (slash != std::string_view::npos) {
        const auto text = part.substr(slash + 1);
        const auto parsed = stepOf(text, field);
        if (!parsed) return {};
        step = *parsed;
        part = part.substr(0, slash);
    }
    int first = field.least, last = field.most;
    if (part != "*") {
        const auto dash = part.find('-');
        const auto from = numberOf(part.substr(0, dash), field);
        if (!from) return {};
        first = *from;
        last = slash == std::string_view::npos ? first : field.most;
        if (dash != std::string_view::npos) {
            const auto to = numberOf(part.substr(dash + 1), field);
            if (!to || *to < first) return {};
            last = *to;
        }
    }
    std::vector<int> numbers;
    for (int number = first; number <= last; number += step) numbers.push_back(number);
    return numbers;
}

/// Empty: not understood.
std::vector<int> numbersOfField(std::string_view text, const Field& field) {
    std::vector<int> numbers;
    for (const auto part : split(text, ',')) {
        const auto some = numbersOf(part, field);
        if (some.empty()) return {};
        numbers.insert(numbers.end(), some.begin(), some.end());
    }
    return numbers;
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> all;
    for (const auto word : split(text, ' '))
        if (!word.empty()) all.push_back(word);
    return all;
}

Time wholeMinute(Time time) {
    return Time(std::chrono::floor<std::chrono::minutes>(time.time_since_epoch()));
}

constexpr long kSecondsPerMinute = 60;
constexpr long kLongestChange = 3 * 3'600;  // of a clock that is put forward or back, as in cron(8)

std::tm localTime(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm local{};
    ::localtime_r(&time, &local);
    return local;
}

// Whether the clock showed the same not long before, because it was put back since.
bool cameBefore(std::int64_t seconds, const std::tm& local) {
    const auto back = localTime(seconds - kLongestChange).tm_gmtoff - local.tm_gmtoff;
    return back > 0 && back < kLongestChange &&
           localTime(seconds - back).tm_gmtoff == local.tm_gmtoff + back;
}

}  // namespace

std::optional<Cron> Cron::parse(std::string_view text, std::string& why) {
    const auto parts = words(text);
    if (parts.size() != fields().size()) {
        why = "has " + std::to_string(parts.size()) +
              " fields instead of five: minute, hour, day of the month, month, day of the week";
        return std::nullopt;
    }
    Cron cron;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Field& field = fields()[i];
        const auto numbers = numbersOfField(parts[i], field);
        if (numbers.empty()) {
            why = "has " + std::string(field.name) + " that is not understood: \"" +
                  std::string(parts[i]) + "\" (" + std::to_string(field.least) + " to " +
                  std::to_string(field.most) + ")";
            return std::nullopt;
        }
        for (const int number : numbers) {
            const auto at = static_cast<std::size_t>(number);
            if (i == 0) cron.minutes_.set(at);
            if (i == 1) cron.hours_.set(at);
            if (i == 2) cron.days_.set(at);
            if (i == 3) cron.months_.set(at);
            if (i == 4) cron.weekdays_.set(at % 7);
        }
    }
    cron.fixed_ = !parts[0].starts_with('*') && !parts[1].starts_with('*');
    cron.any_day_ = parts[2].starts_with('*');
    cron.any_weekday_ = parts[4].starts_with('*');
    return cron;
}

bool Cron::matches(Time minute) const {
    const std::int64_t seconds =
        std::chrono::floor<std::chrono::seconds>(minute.time_since_epoch()).count();
    const std::tm local = localTime(seconds);
    if (!fixed_) return matchesFields(local);
    if (matchesFields(local) && !cameBefore(seconds, local)) return true;
    return matchesLeftOut(seconds, local);
}

bool Cron::matchesFields(const std::tm& local) const {
    const auto is = [](const auto& set, int number) {
        return set.test(static_cast<std::size_t>(number));
    };
    if (!is(minutes_, local.tm_min) || !is(hours_, local.tm_hour) || !is(months_, local.tm_mon + 1))
        return false;
    const bool day = is(days_, local.tm_mday), weekday = is(weekdays_, local.tm_wday);
    return any_day_ || any_weekday_ ? day && weekday : day || weekday;
}

// Whether the clock was put forward at this minute, over one that matches.
bool Cron::matchesLeftOut(std::int64_t seconds, const std::tm& local) const {
    const auto left_out = local.tm_gmtoff - localTime(seconds - kSecondsPerMinute).tm_gmtoff;
    if (left_out <= 0 || left_out >= kLongestChange) return false;
    for (auto before = left_out; before > 0; before -= kSecondsPerMinute) {
        const std::time_t shown = seconds + local.tm_gmtoff - before;  // as the clock would show it
        std::tm skipped{};
        ::gmtime_r(&shown, &skipped);
        if (matchesFields(skipped)) return true;
    }
    return false;
}

std::optional<Time> Cron::lastBefore(Time now, Duration within) const {
    for (Time minute = wholeMinute(now); minute > now - within; minute -= kMinute)
        if (matches(minute)) return minute;
    return std::nullopt;
}

std::optional<Time> Cron::nextAfter(Time now, Duration within) const {
    for (Time minute = wholeMinute(now) + kMinute; minute <= now + within; minute += kMinute)
        if (matches(minute)) return minute;
    return std::nullopt;
}

}  // namespace iac::config

#include "http/query_values.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "http/answer.hpp"

namespace iac::http {
namespace {

const std::string* find(const Request& request, const std::string& name) {
    const auto found = request.query.find(name);
    return found == request.query.end() || found->second.empty() ? nullptr : &found->second;
}

std::optional<std::int64_t> wholeNumber(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Takes `digits` digits from the front of the text.
std::optional<int> takeDigits(std::string_view& text, std::size_t digits) {
    const auto part = text.substr(0, digits);
    if (part.size() < digits ||
        !std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    text.remove_prefix(digits);
    return static_cast<int>(*wholeNumber(part));
}

bool take(std::string_view& text, char expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(1);
    return true;
}

/// "Z", "+01:00" -> what has to be subtracted.
std::optional<std::chrono::minutes> takeOffset(std::string_view& text) {
    if (take(text, 'Z') || take(text, 'z')) return std::chrono::minutes(0);
    const int sign = text.starts_with('-') ? -1 : 1;
    if (!take(text, '+') && !take(text, '-')) return std::nullopt;
    const auto hours = takeDigits(text, 2);
    const bool colon = take(text, ':');
    const auto minutes = takeDigits(text, 2);
    if (!hours || !minutes || !colon || *hours > 23 || *minutes > 59) return std::nullopt;
    return std::chrono::minutes(sign * (*hours * 60 + *minutes));
}

}  // namespace

void allowOnly(const Request& request, const std::vector<std::string_view>& names) {
    for (const auto& [name, value] : request.query) {
        if (std::ranges::find(names, name) != names.end()) continue;
        std::string known;
        for (const auto one : names) known += (known.empty() ? "" : ", ") + std::string(one);
        throw Problem(400, "There is no filter \"" + name + "\" here" +
                               (known.empty() ? "." : " (there are: " + known + ")."));
    }
}

std::string textOf(const Request& request, const std::string& name) {
    const auto* text = find(request, name);
    return text == nullptr ? std::string() : *text;
}

std::optional<std::int64_t> numberOf(const Request& request, const std::string& name,
                                     std::int64_t least, std::int64_t most) {
    const auto* text = find(request, name);
    if (text == nullptr) return std::nullopt;
    const auto number = wholeNumber(*text);
    if (!number || *number < least || *number > most)
        throw Problem(400, "\"" + name + "\" has to be a whole number from " +
                               std::to_string(least) + " to " + std::to_string(most) + ".");
    return number;
}

std::optional<Time> timeOf(const Request& request, const std::string& name) {
    const auto* text = find(request, name);
    if (text == nullptr) return std::nullopt;
    const auto time = timeFromText(*text);
    if (!time)
        throw Problem(400, "\"" + name +
                               "\" has to be a time like 2025-01-24T04:51:00Z or a day like "
                               "2025-01-24.");
    return time;
}

bool flagOf(const Request& request, const std::string& name) {
    const std::string text = textOf(request, name);
    if (text.empty() || text == "0" || text == "false") return false;
    if (text == "1" || text == "true") return true;
    throw Problem(400, "\"" + name + "\" has to be 1 or 0.");
}

std::int64_t idOf(const Request& request, const std::string& what) {
    const std::string& text = request.parameters.at("id");
    const auto id = wholeNumber(text);
    if (!id || *id <= 0) throw Problem(404, "There is no " + what + " \"" + text + "\".");
    return *id;
}

std::optional<Time> timeFromText(std::string_view text) {
    using namespace std::chrono;
    const auto y = takeDigits(text, 4);
    const bool first = take(text, '-');
    const auto m = takeDigits(text, 2);
    const bool second = take(text, '-');
    const auto d = takeDigits(text, 2);
    if (!y || !m || !d || !first || !second) return std::nullopt;
    const year_month_day date(year(*y), month(static_cast<unsigned>(*m)),
                              day(static_cast<unsigned>(*d)));
    if (!date.ok()) return std::nullopt;
    Time time{sys_days(date)};
    if (text.empty()) return time;
    if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
    const auto hour = takeDigits(text, 2);
    const bool third = take(text, ':');
    const auto minute = takeDigits(text, 2);
    const bool fourth = take(text, ':');
    const auto second_ = takeDigits(text, 2);
    if (!hour || !minute || !second_ || !third || !fourth) return std::nullopt;
    if (*hour > 23 || *minute > 59 || *second_ > 60) return std::nullopt;
    time += hours(*hour) + minutes(*minute) + seconds(*second_);
    if (take(text, '.'))
        for (int unit = 100; !text.empty() && text[0] >= '0' && text[0] <= '9'; unit /= 10)
            time += milliseconds(unit * *takeDigits(text, 1));
    const auto offset = takeOffset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return time - *offset;
}

}  // namespace iac::http

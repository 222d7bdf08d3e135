#include "members.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "../text.hpp"

namespace iac::triggers {
namespace {

constexpr std::size_t kMostWarnings = 20;
constexpr std::size_t kShortName = 5;  // of fewer letters: one wrong letter is another word

// Words that other deployment services use for ours.
constexpr std::array<std::array<std::string_view, 2>, 5> kOtherWords{{{"environment", "env"},
                                                                      {"branch", "ref"},
                                                                      {"revision", "ref"},
                                                                      {"sha", "ref"},
                                                                      {"dryrun", "dry_run"}}};

// How many letters have to be added, removed or replaced (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string_view meantBy(std::string_view name, const std::vector<std::string_view>& known) {
    const std::string folded = lower(name);
    const auto isKnown = [&](std::string_view one) {
        return std::find(known.begin(), known.end(), one) != known.end();
    };
    for (const auto& [other, ours] : kOtherWords)
        if (folded == other && isKnown(ours)) return ours;
    // Nothing that is so much longer is a typing error, and the comparison takes time.
    constexpr std::size_t kLongest = 32;
    if (folded.size() > kLongest) return {};
    for (const auto one : known)
        if (distance(folded, one) <= (one.size() < kShortName ? 1U : 2U)) return one;
    return {};
}

std::vector<std::string> ignoredMembers(const Value& body,
                                        const std::vector<std::string_view>& known, bool strict) {
    std::vector<std::string> warnings;
    std::size_t more = 0;
    for (std::size_t i = 0; i < body.count(); ++i) {
        const std::string name = body.key(i);
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        if (const auto meant = meantBy(name, known); !meant.empty())
            invalid("member " + shown(name) + " is not known here; did you mean \"" +
                    std::string(meant) + "\"?");
        if (strict) {
            std::string names;
            for (const auto one : known) names += (names.empty() ? "" : ", ") + std::string(one);
            invalid("member " + shown(name) + " is not known here (there are: " + names + ")");
        }
        if (warnings.size() < kMostWarnings)
            warnings.push_back("member " + shown(name) + " is not known here and was ignored");
        else
            ++more;
    }
    if (more > 0) warnings.push_back(std::to_string(more) + " more members are not known here");
    return warnings;
}

}  // namespace iac::triggers

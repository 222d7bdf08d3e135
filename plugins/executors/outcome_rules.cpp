#include "outcome_rules.hpp"

#include <algorithm>

namespace iac::executors {
namespace {

/// How much of a line is looked at in one piece.
constexpr std::size_t kLongestLine = 4u << 10;
constexpr std::size_t kLongestShown = 200;

std::vector<std::string> textsOf(const Value& outcomes, const char* name) {
    auto texts = outcomes.get<std::vector<std::string>>(name, {});
    for (auto& one : texts) one = text::lower(one);
    return texts;
}

bool holdsAny(std::string_view line, const std::vector<std::string>& texts) {
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
        return line.find(text) != std::string_view::npos;
    });
}

}  // namespace

OutcomeRules::OutcomeRules(const Value& config) {
    const auto outcomes = config.find<Value>("outcomes");
    if (!outcomes || !outcomes->isObject()) return;
    unchanged_ = textsOf(*outcomes, "unchanged");
    failed_ = textsOf(*outcomes, "failed");
    retry_ = textsOf(*outcomes, "retry");
    for (const auto* texts : {&unchanged_, &failed_, &retry_})
        for (const auto& text : *texts) longest_ = std::max(longest_, text.size());
}

OutcomeRules::Said OutcomeRules::of(std::string_view folded) const {
    if (holdsAny(folded, retry_)) return Said::retry;
    if (holdsAny(folded, failed_)) return Said::failed;
    return holdsAny(folded, unchanged_) ? Said::unchanged : Said::nothing;
}

void OutcomeRules::Reader::add(int stream, std::string_view bytes) {
    Stream& of = streams_[stream == 2 ? 1 : 0];
    for (const char c : of.stripper.next(bytes)) {
        if (c == '\n' || c == '\r') {
            end(of.line, 0);
            continue;
        }
        of.line += c;
        if (of.line.size() >= kLongestLine)
            end(of.line, std::min(rules_.longest_, kLongestLine / 2));
    }
}

// keep: how much of the end stays, because a text may go on behind it.
void OutcomeRules::Reader::end(std::string& line, std::size_t keep) {
    const Said said = rules_.of(text::lower(line));
    if (static_cast<int>(said) > static_cast<int>(said_)) {
        said_ = said;
        line_ = std::string(text::beginning(line, kLongestShown));
    }
    line.erase(0, line.size() - std::min(line.size(), keep));
}

OutcomeRules::Said OutcomeRules::Reader::said() {
    for (Stream& one : streams_) end(one.line, 0);
    return said_;
}

}  // namespace iac::executors

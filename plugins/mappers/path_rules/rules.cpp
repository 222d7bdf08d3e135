#include "rules.hpp"

#include <algorithm>

namespace iac::path_rules {
namespace {

constexpr std::string_view kWildcards = "*?[";

std::string listed(const std::vector<std::string>& captures) {
    std::string out;
    for (const auto& one : captures) out += (out.empty() ? "" : ", ") + ("{" + one + "}");
    return out.empty() ? "its path has none" : "its path has: " + out;
}

// What a path holds is never a wildcard: "{name}" may stand for "a*".
std::string escaped(std::string_view captured) {
    std::string out;
    for (const char c : captured) {
        if (std::string_view("*?[]{}\\").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

// Runs `make`; what it refuses is told with its place.
template <class F>
auto at(const std::string& place, F make) {
    try {
        return make();
    } catch (const Error& e) {
        invalid(place + ": " + e.what());
    }
}

Rule compile(const Value& rule, const std::string& place) {
    const auto text = at(place, [&] { return rule.get<std::string>("path"); });
    Pattern pattern = at(place + ".path", [&] { return Pattern(text); });
    const auto name = rule.find<std::string>("service");
    const auto skip = rule.find<std::string>("skip");
    if (!name && !skip)
        invalid(place + ": it needs a `service`, or the reason to `skip` what it matches");
    if (skip && skip->empty()) invalid(place + ".skip: the reason is empty");
    std::optional<ServiceName> service;
    if (name)
        service = at(place + ".service", [&] { return ServiceName(*name, pattern.captures()); });
    return {text, std::move(pattern), std::move(service), skip.value_or("")};
}

}  // namespace

ServiceName::ServiceName(std::string_view text, const std::vector<std::string>& captures)
    : pattern_(text.find_first_of(kWildcards) != std::string_view::npos) {
    if (text.empty()) invalid("it is empty");
    for (std::string_view rest = text; !rest.empty();) {
        const auto open = std::min(rest.find('{'), rest.size());
        if (open > 0) pieces_.push_back({std::string(rest.substr(0, open))});
        rest.remove_prefix(open);
        if (rest.empty()) break;
        const auto close = rest.find('}');
        if (close == std::string_view::npos) invalid("\"{\" is not closed");
        const std::string name(rest.substr(1, close - 1));
        const auto found = std::find(captures.begin(), captures.end(), name);
        if (found == captures.end())
            invalid("\"{" + name + "}\" is not captured (" + listed(captures) + ")");
        pieces_.push_back({{}, static_cast<std::size_t>(found - captures.begin())});
        rest.remove_prefix(close + 1);
    }
    // A pattern has to compile whatever a capture stands for.
    if (pattern_) Pattern(fill(Captured(captures.size(), "x")));
}

std::string ServiceName::fill(const Captured& captured) const {
    std::string out;
    for (const auto& piece : pieces_) {
        if (!piece.capture) {
            out += piece.text;
        } else if (pattern_) {
            out += escaped(captured[*piece.capture]);
        } else {
            out += captured[*piece.capture];
        }
    }
    return out;
}

Rules::Rules(const Value& list) {
    for (std::size_t i = 0; i < list.count(); ++i)
        rules_.push_back(compile(list[i], "rules[" + std::to_string(i) + "]"));
    for (std::size_t i = 0; i < rules_.size(); ++i)
        by_folder_[rules_[i].pattern.folder()].push_back(i);
}

const Rule* Rules::decide(const Path& path, Captured& captured) const {
    std::size_t first = rules_.size();
    Captured trial;
    const auto look = [&](std::string_view folder) {
        const auto found = by_folder_.find(folder);
        if (found == by_folder_.end()) return;
        for (const std::size_t rule : found->second) {
            if (rule >= first) return;
            if (!rules_[rule].pattern.match(path, trial)) continue;
            first = rule;
            captured.swap(trial);
            return;
        }
    };
    look({});
    for (auto slash = path.text.find('/'); slash != std::string_view::npos;
         slash = path.text.find('/', slash + 1))
        look(path.text.substr(0, slash));
    return first == rules_.size() ? nullptr : &rules_[first];
}

}  // namespace iac::path_rules

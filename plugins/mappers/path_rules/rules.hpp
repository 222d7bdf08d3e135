#pragma once

#include <iac/plugin.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pattern.hpp"

namespace iac::path_rules {

/// What a rule says about its service: text with captures in it ("platform/{name}"), perhaps a
/// pattern over all known services ("platform/*"). Immutable.
class ServiceName {
public:
    /// captures: the names the rule's path has. Throws iac::invalid.
    ServiceName(std::string_view text, const std::vector<std::string>& captures);

    /// Whether it stands for all services that match fill().
    bool pattern() const { return pattern_; }
    /// The id, or the text of the pattern, for one path.
    std::string fill(const Captured& captured) const;

private:
    struct Piece {
        std::string text;
        std::optional<std::size_t> capture = {};
    };
    std::vector<Piece> pieces_;
    bool pattern_ = false;
};

struct Rule {
    std::string text;  ///< the path, as the configuration spells it
    Pattern pattern;
    std::optional<ServiceName> service;  ///< a rule to skip may have none
    std::string skip;                    ///< why its services are not deployed; empty: they are
};

/// All rules, in their order. Immutable; [any-thread]
class Rules {
public:
    /// list: the setting `rules`. Throws iac::invalid with the place: `rules[3].path: ...`.
    explicit Rules(const Value& list);
    Rules(const Rules&) = delete;
    Rules& operator=(const Rules&) = delete;

    /// The first rule that matches, and what its captures stand for; null: none does.
    const Rule* decide(const Path& path, Captured& captured) const;

private:
    std::vector<Rule> rules_;
    // Which rules can match at all in a folder, in their order: by Pattern::folder(). The keys are
    // views into rules_.
    std::unordered_map<std::string_view, std::vector<std::size_t>> by_folder_;
};

}  // namespace iac::path_rules

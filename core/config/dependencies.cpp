#include "config/dependencies.hpp"

#include <algorithm>
#include <map>

#include "config/sentences.hpp"

namespace iac::config {

namespace {

/// The entries that `id` may be of.
std::vector<std::size_t> providersOf(const std::string& id, const std::vector<ServiceRule>& rules) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < rules.size(); ++i)
        if (rules[i].discover.empty() ? rules[i].id == id
                                      : rules[i].id == id || mayBecome(rules[i].id, id))
            found.push_back(i);
    return found;
}

void checkPlaceholders(const ServiceRule& rule, const Node& node) {
    const auto wanted = placeholders(rule.id);
    if (rule.discover.empty()) {
        if (rule.id.find_first_of("{}") != std::string::npos)
            node.fault("id", "\"" + rule.id +
                                 "\" has a placeholder, but there is no \"discover\" "
                                 "to fill it: write the name of one service");
        return;
    }
    const auto offered = placeholders(rule.discover);
    if (std::find(offered.begin(), offered.end(), "name") == offered.end()) {
        node.fault("discover", "\"" + rule.discover +
                                   "\" has no {name}, so the services it finds "
                                   "could not be told apart");
        return;
    }
    if (rule.id.empty()) return;
    if (std::find(wanted.begin(), wanted.end(), "name") == wanted.end())
        node.fault("id", "\"" + rule.id +
                             "\" has no {name}, so all services it finds would have "
                             "one id");
    for (const auto& name : wanted)
        if (std::find(offered.begin(), offered.end(), name) == offered.end())
            node.fault("id",
                       "{" + name + "} is not in discover (there are: " + joined(offered) + ")");
}

std::vector<std::string> knownIds(const std::vector<ServiceRule>& rules) {
    std::vector<std::string> ids;
    ids.reserve(rules.size());
    for (const auto& rule : rules) ids.push_back(rule.id);
    return ids;
}

/// Which entries each entry waits for. That a rule's services wait for one of their own is left to
/// the planner, who knows which.
using Edges = std::vector<std::vector<std::size_t>>;

Edges checkNamed(const std::vector<ServiceRule>& rules, const std::vector<Node>& nodes) {
    Edges edges(rules.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
        for (const auto& id : rules[i].depends_on) {
            if (id.empty()) continue;
            const auto providers = providersOf(id, rules);
            if (providers.empty()) {
                const auto near = suggestion(id, knownIds(rules));
                nodes[i].fault("depends_on", "\"" + id + "\" is not a service here" +
                                                 (near.empty() ? " " : "; " + near) +
                                                 "(there are: " + joined(knownIds(rules)) + ")");
            }
            for (const auto provider : providers)
                if (provider != i || rules[i].discover.empty()) edges[i].push_back(provider);
        }
    }
    return edges;
}

/// A way from `at` back to `start`, as indexes; empty when there is none.
bool findWay(const Edges& edges, std::size_t start, std::size_t at, std::vector<bool>& seen,
             std::vector<std::size_t>& way) {
    for (const auto next : edges[at]) {
        if (next == start) return true;
        if (seen[next]) continue;
        seen[next] = true;
        way.push_back(next);
        if (findWay(edges, start, next, seen, way)) return true;
        way.pop_back();
    }
    return false;
}

void checkCycles(const std::vector<ServiceRule>& rules, const std::vector<Node>& nodes,
                 const Edges& edges) {
    std::vector<bool> told(rules.size(), false);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (told[i]) continue;
        std::vector<bool> seen(rules.size(), false);
        std::vector<std::size_t> way{i};
        if (!findWay(edges, i, i, seen, way)) continue;
        std::string names;
        for (const auto index : way) {
            told[index] = true;
            names += rules[index].id + " -> ";
        }
        nodes[i].fault("depends_on", "goes in a circle: " + names + rules[i].id);
    }
}

}  // namespace

std::vector<std::string> placeholders(std::string_view pattern) {
    std::vector<std::string> names;
    for (std::size_t at = 0;;) {
        const auto open = pattern.find('{', at);
        const auto close = pattern.find('}', open == pattern.npos ? open : open + 1);
        if (close == pattern.npos) return names;
        names.emplace_back(pattern.substr(open + 1, close - open - 1));
        at = close + 1;
    }
}

bool mayBecome(std::string_view pattern, std::string_view id) {
    const auto open = pattern.find('{');
    const auto close = pattern.find('}', open == pattern.npos ? open : open + 1);
    if (close == pattern.npos) return pattern == id;
    if (!id.starts_with(pattern.substr(0, open))) return false;
    id.remove_prefix(open);
    const auto rest = pattern.substr(close + 1);
    const auto longest = std::min(id.find('/'), id.size());
    for (std::size_t length = 1; length <= longest; ++length)
        if (mayBecome(rest, id.substr(length))) return true;
    return false;
}

void checkDependencies(const Settings& settings, const std::vector<Node>& nodes) {
    const auto& rules = settings.services;
    std::map<std::pair<std::string, std::string>, std::size_t> first;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        checkPlaceholders(rules[i], nodes[i]);
        if (rules[i].id.empty()) continue;
        const auto [known, fresh] = first.emplace(std::pair(rules[i].discover, rules[i].id), i);
        if (fresh) continue;
        nodes[i].fault("id",
                       "\"" + rules[i].id +
                           (rules[i].discover.empty()
                                ? "\" is a service already, see "
                                : "\" is what an earlier rule finds in the same paths, see ") +
                           nodes[known->second].place());
    }
    checkCycles(rules, nodes, checkNamed(rules, nodes));
}

}  // namespace iac::config

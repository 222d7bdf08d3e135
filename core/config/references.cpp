#include "config/references.hpp"

#include <algorithm>
#include <array>

#include "config/dependencies.hpp"
#include "config/sentences.hpp"

namespace iac::config {

namespace {

template <class Named>
std::vector<std::string> namesOf(const std::vector<Named>& things) {
    std::vector<std::string> names;
    names.reserve(things.size());
    for (const auto& thing : things) names.push_back(thing.name);
    return names;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// `"invok" is not an executor here; did you mean "invoke"? (there are: invoke, dokploy)`
std::string unknown(const std::string& word, const std::string& what,
                    const std::vector<std::string>& known) {
    const auto near = suggestion(word, known);
    return "\"" + word + "\" is not " + what + " here" + (near.empty() ? " " : "; " + near) +
           (known.empty() ? "(there are none)" : "(there are: " + joined(known) + ")");
}

bool isName(const std::string& text) {
    static constexpr std::string_view kAllowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return !text.empty() && text.size() <= 64 && text.find_first_not_of(kAllowed) == text.npos &&
           text.front() != '.' && text.front() != '-';
}

void checkNames(const Node& root) {
    for (const auto* section : {"environments", "triggers", "executors"})
        for (const auto& node : root.members(section))
            if (!isName(node.key()))
                root.child(section).fault(node.key(),
                                          "is no name: letters, digits and . _ - only, at most 64, "
                                          "and no . or - first");
}

/// Each text of `key` (one or a list) has to be one of `known`. Nothing is said when nothing is
/// known: then the schema has said that something is missing.
void checkEach(const Node& node, const std::string& key, const std::string& what,
               const std::vector<std::string>& known) {
    if (known.empty()) return;
    for (const auto& word : node.texts(key))
        if (!word.empty() && !contains(known, word)) node.fault(key, unknown(word, what, known));
}

void checkServices(const Settings& settings, const Node& root) {
    const auto environments = namesOf(settings.environments);
    const auto executors = namesOf(settings.executors);
    for (const auto& node : root.items("services")) {
        const auto executor = node.text("executor");
        if (!executor.empty() && !contains(executors, executor))
            node.fault("executor", unknown(executor, "an executor", executors));
        checkEach(node, "environments", "an environment", environments);
    }
    checkDependencies(settings, root.items("services"));
}

}  // namespace

void checkReferences(const Settings& settings, const Node& root) {
    static const std::vector<std::string> kStates{"success", "failed", "cancelled"};
    const auto environments = namesOf(settings.environments);
    auto triggers = namesOf(settings.triggers);
    triggers.insert(triggers.end(), {"api", "release", "reconcile"});  // the runner's own
    checkNames(root);
    checkServices(settings, root);
    for (const auto& node : root.members("triggers"))
        checkEach(node, "environment", "an environment", environments);
    for (const auto& node : root.members("environments"))
        checkEach(node.child("require"), "succeeded_in", "an environment", environments);
    checkEach(root.child("reconcile"), "environments", "an environment", environments);
    for (const auto& node : root.items("notifiers")) {
        const auto when = node.child("when");
        checkEach(when, "environment", "an environment", environments);
        checkEach(when, "status", "the end of a deployment", kStates);
        checkEach(when, "trigger", "a trigger", triggers);
    }
}

}  // namespace iac::config

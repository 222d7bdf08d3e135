#include "engine/diagnosis.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace iac::engine {
namespace {

struct Rule {
    std::string_view error_kind;
    std::array<std::string_view, 4> any_of;  ///< in any case; empty ones do not count
    std::string_view next_action;
};

// The first that matches decides, so the particular stands before the general: a 401 of one service
// is not the denial of another.
constexpr std::array kRules = std::to_array<Rule>({
    {"missing_task",
     {"no idea what '", "can't find any collection named"},
     "Add the task to tasks.py, or correct `with.task` of the service."},
    {"missing_python_module",
     {"modulenotfounderror:", "importerror: no module named"},
     "Install the module for the Python that runs the task, on the runner's host."},
    {"vault_denied",
     {"vault: permission denied", "vault token is invalid", "hvac.exceptions.forbidden"},
     "Check the token's policies and whether it has expired, then retry the deployment."},
    {"vault_unreachable",
     {"vault is sealed", "vaultdown", "error making api request.\n\nurl: get http"},
     "Check that Vault is running and unsealed, then retry the deployment."},
    {"dokploy_key_refused",
     {"dokploy: 401", "dokploy: unauthorized", "dokploy api key"},
     "The Dokploy key is wrong, expired or spent: make a new one without a rate limit."},
    {"onepassword_refused",
     {"[error] 1password", "op: service account", "error initializing client: authorization"},
     "Check OP_SERVICE_ACCOUNT_TOKEN and what the service account may read."},
    {"missing_secret",
     {"missing secret", "environment variable is not set", "keyerror: 'vault_",
      "required variable"},
     "Name the secret in `secrets` of the service, and make sure that a source provides it."},
    {"out_of_memory",
     {"out of memory", "memoryerror", "cannot allocate memory", "std::bad_alloc"},
     "Raise `memory` of the executor, or give the host more memory."},
    {"processor_time",
     {"sigxcpu", "cpu time limit exceeded"},
     "Find out what it computes, or raise `processor_time` of the executor."},
    {"disk_full",
     {"no space left on device", "disk quota exceeded"},
     "Free space on the host, then retry the deployment."},
    {"git_authentication",
     {"fatal: authentication failed", "could not read username", "permission denied (publickey)"},
     "Check the credentials of the task's own git access."},
});

// A literal search in any case: the output is foreign text, and a regular expression over it
// could be made to run for ever.
bool contains(std::string_view text, std::string_view sign) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    const auto same = [&](char a, char b) { return lower(a) == lower(b); };
    return std::search(text.begin(), text.end(), sign.begin(), sign.end(), same) != text.end();
}

template <class Rule>
bool matches(const Rule& rule, std::string_view said, std::string_view output) {
    return std::ranges::any_of(rule.any_of, [&](std::string_view sign) {
        return !sign.empty() && (contains(said, sign) || contains(output, sign));
    });
}

}  // namespace

Diagnosis diagnose(const std::vector<config::DiagnosisRule>& rules, std::string_view said,
                   std::string_view output) {
    for (const auto& rule : rules)
        if (matches(rule, said, output))
            return {rule.error_kind, rule.summary.empty() ? std::string(said) : rule.summary,
                    rule.next_action};
    for (const auto& rule : kRules)
        if (matches(rule, said, output))
            return {std::string(rule.error_kind), std::string(said), std::string(rule.next_action)};
    return {"step_failed", std::string(said),
            "Read the log of the step, mend the cause, and retry the deployment."};
}

}  // namespace iac::engine

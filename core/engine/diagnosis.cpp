#include "engine/diagnosis.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace iac::engine {
namespace {

struct Rule {
    std::string_view error_kind;
    /// In any case; empty ones do not count. "a & b": both in one line, in any order.
    std::array<std::string_view, 8> any_of;
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
    {"vault_approle_missing",
     {"approle & missing", "approle & not found", "invalid role or secret id", "role_id & missing",
      "secret_id & missing"},
     "Make the AppRole of the service (`invoke vault.setup-approle`, or name that task in "
     "`with.before`), then retry the deployment."},
    {"vault_denied",
     {"vault & permission denied", "permission denied accessing", "vault token is invalid",
      "hvac.exceptions.forbidden", "vault & invalid token", "vault & status code: 403"},
     "Check the token's policies and whether it has expired, then retry the deployment."},
    {"vault_unreachable",
     {"vault & sealed", "vault & unreachable", "vaultdown", "vault & connection refused",
      "vault & timed out", "error making api request.\n\nurl: get http"},
     "Check that Vault is running and unsealed, then retry the deployment."},
    {"dokploy_git_provider_missing",
     {"no github provider", "no git provider"},
     "Connect the GitHub provider in Dokploy (Settings, Git), then retry the deployment."},
    {"dokploy_key_refused",
     {"dokploy & 401", "dokploy & unauthorized", "/api/ & 401 unauthorized"},
     "The Dokploy key is wrong, expired or spent: make a new one without a rate limit."},
    {"onepassword_item_missing",
     {"isn't an item", "1password & not found", "op:// & could not", "item: bootstrap/"},
     "Make the item in 1Password, or correct its name; check that the service account may read "
     "its vault: `op item get NAME --vault VAULT`."},
    {"onepassword_refused",
     {"[error] 1password", "op: service account", "error initializing client: authorization",
      "op_service_account_token & invalid"},
     "Check OP_SERVICE_ACCOUNT_TOKEN and what the service account may read."},
    {"missing_secret",
     {"missing secret", "environment variable is not set", "keyerror: 'vault_", "required variable",
      "_key & not set", "_token & not set", "_secret & not set", "_password & not set"},
     "Name the secret in `secrets` of the service, and make sure that a source provides it."},
    {"container_unhealthy",
     {"is unhealthy", "container & unhealthy", "dependency failed to start"},
     "Read the container's own log (`docker logs NAME`) and its health check, then retry the "
     "deployment."},
    {"image_missing",
     {"manifest unknown", "pull access denied", "manifest for & not found",
      "repository does not exist or may require"},
     "Correct the image's name and tag, or log the host in to its registry (`docker login`)."},
    {"port_taken",
     {"port is already allocated", "address already in use"},
     "Find out what listens there (`ss -ltnp`), and stop it or choose another port."},
    {"docker_unreachable",
     {"cannot connect to the docker daemon", "docker.sock & permission denied"},
     "Start Docker, or let the runner's user use its socket."},
    {"git_no_tags",
     {"no names found, cannot describe", "no tags can describe", "no tag exactly matches"},
     "Push a tag that the commit descends from, or deploy by a tag: the work tree has the tags of "
     "the repository."},
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
    {"name_not_resolved",
     {"name or service not known", "could not resolve host",
      "temporary failure in name resolution"},
     "Check the host's name and the DNS of the runner's host, then retry the deployment."},
});

// A literal search in any case: the output is foreign text, and a regular expression over it
// could be made to run for ever.
bool contains(std::string_view text, std::string_view sign) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    const auto same = [&](char a, char b) { return lower(a) == lower(b); };
    return std::search(text.begin(), text.end(), sign.begin(), sign.end(), same) != text.end();
}

// "a & b": a line of the text holds both.
bool holds(std::string_view text, std::string_view sign) {
    constexpr std::string_view kBoth = " & ";
    const auto both = sign.find(kBoth);
    if (both == sign.npos) return contains(text, sign);
    const auto first = sign.substr(0, both), second = sign.substr(both + kBoth.size());
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        if (contains(line, first) && contains(line, second)) return true;
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return false;
}

bool matches(const Rule& rule, std::string_view said, std::string_view output) {
    return std::ranges::any_of(rule.any_of, [&](std::string_view sign) {
        return !sign.empty() && (holds(said, sign) || holds(output, sign));
    });
}

// Texts of the configuration are taken as they stand.
bool matches(const config::DiagnosisRule& rule, std::string_view said, std::string_view output) {
    return std::ranges::any_of(rule.any_of, [&](const std::string& sign) {
        return contains(said, sign) || contains(output, sign);
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

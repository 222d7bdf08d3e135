// The configuration of a service at one revision: its files and its environment, and their hash.
#pragma once

#include <map>
#include <string>

#include "settings.hpp"

namespace iac::dokploy {

/// What a service is to be. Holds secrets: of it only `hash`, names and files may be shown.
struct Configuration {
    std::string compose_file;                  // the text; empty unless the runner sends it
    std::map<std::string, std::string> files;  // path -> SHA-256 of the content, or "missing"
    Variables variables;  // the effective environment, without the runner's own
    std::string hash;     // 64 hex digits: see canonicalForm()
};

/// Reads the files in the work tree. `inherited`: the environment of the step.
/// iac::fail and iac::invalid where a file is missing or a value cannot be deployed.
Configuration configurationOf(const Step& step, const Service& service, const Variables& inherited);

/// The text whose SHA-256 is the hash. Lines in this order, each ended by "\n":
///
///     iac-runner dokploy 1
///     type compose
///     source runner
///     env POSTGRES_DB 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
///     file platform/01.postgres/compose.yaml
///     60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
///
/// One `env` line for each variable, by name, with the SHA-256 of its value; one `file` line for
/// each file, by path, with the SHA-256 of its bytes, or `missing`. Sorted bytewise.
std::string canonicalForm(const Service& service, const Configuration& configuration);

/// SHA-256 in lower-case hex.
std::string sha256(std::string_view bytes);

/// What a step finds in its environment (NUL-terminated NAME=value, as `env -0` prints it) and that
/// belongs to the service: not PATH, HOME and their like, and not IAC_*.
Variables inheritedFrom(std::string_view printed);

}  // namespace iac::dokploy

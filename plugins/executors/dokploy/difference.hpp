// What a deployment would change in Dokploy, in a form that can be shown: names, never values.
#pragma once

#include <string>
#include <vector>

#include "configuration.hpp"
#include "remote.hpp"

namespace iac::dokploy {

// The runner's own variables in the environment of a service.
inline constexpr const char* kHashName = "IAC_CONFIG_HASH";
inline constexpr const char* kRefName = "IAC_DEPLOY_REF";
inline constexpr const char* kKeysName = "IAC_CONFIG_KEYS";    // the names that are ours
inline constexpr const char* kStepName = "IAC_DEPLOY_STEP";    // who wrote them last
inline constexpr const char* kAfterName = "IAC_DEPLOY_AFTER";  // the newest deployment before that

/// What Dokploy has against what is wanted.
struct Difference {
    std::vector<std::string> added, changed, removed;  // names of variables
    bool compose_file = false;
    bool any() const {
        return compose_file || !added.empty() || !changed.empty() || !removed.empty();
    }
    /// "1 variable added, 2 changed; compose file changed"; "nothing" when there is none.
    std::string summary() const;
};

/// `there`: the environment in Dokploy, parsed.
Difference differenceOf(const Remote& remote, const Variables& there, const Configuration& wanted);

/// The lines that differ, "-" and "+", each with its number; at most a few hundred. Values of what
/// looks like a secret by its name are masked: what a person wrote in Dokploy, no masker knows.
std::string lineDifference(const std::string& from, const std::string& to);

}  // namespace iac::dokploy

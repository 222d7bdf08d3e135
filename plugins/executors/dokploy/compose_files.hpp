#pragma once

#include <string>
#include <vector>

namespace iac::dokploy {

/// Another file that a compose file names, as it is written there.
struct Reference {
    std::string path;      // "../common.yaml", relative to the folder of the compose file
    bool compose = false;  // a compose file itself: `include` and `extends`
};

/// The files a compose file names: `include`, `extends`, `env_file`, and `file` of configs and
/// secrets. Those with a ${VARIABLE} in their name are left out: only Dokploy knows its value.
/// `name` is for the sentence of the iac::fail when the text is no YAML mapping.
std::vector<Reference> referencesOf(const std::string& text, const std::string& name);

}  // namespace iac::dokploy

#pragma once

#include <iac/plugin.hpp>
#include <string>

namespace example {

/// What of a Compose file, as `docker compose config --format json` prints it, containers would get
/// from the work tree, in a sentence without a subject: "mounts /.../html (service web)". The work
/// tree is removed after the step, and is not there on another host. Empty: nothing.
std::string mountedFromWorkTree(const iac::Value& config, const std::string& work_tree);

}  // namespace example

#pragma once

#include "config/node.hpp"
#include "config/settings.hpp"

namespace iac::config {

/// What a schema cannot say: that names refer to something, that nothing depends on itself.
void checkReferences(const Settings& settings, const Node& root);

}  // namespace iac::config

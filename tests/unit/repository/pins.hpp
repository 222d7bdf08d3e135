#pragma once

#include <string>
#include <vector>

#include "repository/mirror.hpp"

/// Pins exactly these.
inline void pin(iac::repository::Mirror& mirror, const std::vector<std::string>& revisions) {
    mirror.pin([&] { return revisions; });
}

#pragma once

#include <string>
#include <vector>

namespace iac {

/// A service that is to be deployed, and why.
struct PlannedService {
    std::string service;  ///< full id: "platform/postgres"
    std::string reason;   ///< "platform/01.postgres/compose.yaml (platform/*.{name}/**)"
    bool operator==(const PlannedService&) const = default;
};

/// A service that was touched or asked for and is not to be deployed, and why.
struct SkippedService {
    std::string service;
    std::string reason;
    bool held = false;  ///< by a hold: it is deployed when that ends
    bool operator==(const SkippedService&) const = default;
};

/// Which services, in which order, why; and which were skipped, why. A value: making one touches
/// nothing.
struct Plan {
    std::vector<PlannedService> services;  ///< in deployment order
    std::vector<SkippedService> skipped;
    bool operator==(const Plan&) const = default;
};

}  // namespace iac

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/network.hpp"

namespace iac::http {

/// The reverse proxies before the runner (server.trusted_proxies), and whose request they pass on.
/// Read-only. Thread-safe.
class TrustedProxies {
public:
    explicit TrustedProxies(std::vector<config::Network> networks)
        : networks_(std::move(networks)) {}

    bool trusts(std::string_view address) const;
    /// The caller of a request that came from `peer`: the last address in X-Forwarded-For that is
    /// not a proxy's. What stands before it may be invented. Where something is not an address, the
    /// proxy that passed it on.
    std::string callerOf(const std::string& peer,
                         const std::vector<std::pair<std::string, std::string>>& headers) const;

private:
    bool trusts(const config::Address& address) const;

    std::vector<config::Network> networks_;
};

}  // namespace iac::http

#include "http/trusted_proxies.hpp"

#include <Poco/StringTokenizer.h>

#include <algorithm>
#include <optional>
#include <ranges>

namespace iac::http {
namespace {

/// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711".
std::optional<config::Address> addressIn(std::string_view entry) {
    if (entry.starts_with('[')) return config::Address::parse(entry.substr(1, entry.find(']') - 1));
    const auto colon = entry.find(':');
    const bool has_port = colon != std::string_view::npos && colon == entry.rfind(':');
    return config::Address::parse(has_port ? entry.substr(0, colon) : entry);
}

}  // namespace

bool TrustedProxies::trusts(const config::Address& address) const {
    return std::ranges::any_of(networks_,
                               [&](const auto& network) { return network.contains(address); });
}

bool TrustedProxies::trusts(std::string_view address) const {
    if (networks_.empty()) return false;
    const auto parsed = config::Address::parse(address);
    return parsed && trusts(*parsed);
}

std::string TrustedProxies::callerOf(
    const std::string& peer,
    const std::vector<std::pair<std::string, std::string>>& headers) const {
    std::string caller = peer;
    for (const auto& [name, value] : headers | std::views::reverse) {
        if (name != "x-forwarded-for") continue;
        const Poco::StringTokenizer entries(value, ",", Poco::StringTokenizer::TOK_TRIM);
        for (std::size_t i = entries.count(); i-- > 0;) {
            const auto address = addressIn(entries[i]);
            if (!address) return caller;
            caller = address->text();
            if (!trusts(*address)) return caller;
        }
    }
    return caller;
}

}  // namespace iac::http

#include "config/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace iac::config {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;
constexpr unsigned kAllBits = 128;

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return std::nullopt;
    const std::string terminated(text);
    Address address;
    if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
    std::ranges::copy(kMapped, address.bytes_.begin());
    if (::inet_pton(AF_INET, terminated.c_str(), address.bytes_.data() + kMapped.size()) == 1)
        return address;
    return std::nullopt;
}

bool Address::isV4() const {
    return std::ranges::equal(kMapped, std::span(bytes_).first(kMapped.size()));
}

std::string Address::text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (isV4()) {
        ::inet_ntop(AF_INET, bytes_.data() + kMapped.size(), text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
    }
    return text.data();
}

std::optional<Network> Network::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = Address::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    const bool is_v4 = text.find(':') == std::string_view::npos;
    Network network;
    network.begin_ = *address;
    network.bits_ = kAllBits;
    if (slash == std::string_view::npos) return network;
    const auto digits = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    if (bits > kAllBits) return std::nullopt;
    if (is_v4) bits += kMappedBits;
    if (bits > kAllBits) return std::nullopt;
    network.bits_ = bits;
    return network;
}

bool Network::contains(const Address& address) const {
    const unsigned whole = bits_ / 8, rest = bits_ % 8;
    if (!std::equal(begin_.bytes_.begin(), begin_.bytes_.begin() + whole, address.bytes_.begin()))
        return false;
    return rest == 0 || (begin_.bytes_[whole] ^ address.bytes_[whole]) >> (8 - rest) == 0;
}

bool Network::isEverything() const {
    return bits_ == 0 || (begin_.isV4() && bits_ == kMappedBits);
}

}  // namespace iac::config

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace iac::config {

/// An address of IPv4 or IPv6. One of IPv4 is the same as its IPv4-mapped form (::ffff:192.0.2.1).
class Address {
public:
    /// Nothing when the text is not an address alone: no port, no zone, no blanks.
    static std::optional<Address> parse(std::string_view text);
    /// In the shortest form: "192.0.2.1", "2001:db8::1".
    std::string text() const;
    bool isV4() const;
    bool operator==(const Address&) const = default;

private:
    friend class Network;
    std::array<std::uint8_t, 16> bytes_{};
};

/// A range of addresses.
class Network {
public:
    /// "10.0.0.0/8", "2001:db8::/32", or one address. Nothing when the text is not that.
    static std::optional<Network> parse(std::string_view text);
    bool contains(const Address& address) const;
    /// Whether it holds every address of its family.
    bool isEverything() const;
    bool operator==(const Network&) const = default;

private:
    Address begin_;
    unsigned bits_ = 0;  // that have to be the same, of 128
};

}  // namespace iac::config

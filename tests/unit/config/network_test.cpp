#include "config/network.hpp"

#include <catch2/catch.hpp>

using namespace iac::config;

namespace {

bool contains(const std::string& network, const std::string& address) {
    const auto parsed = Network::parse(network);
    REQUIRE(parsed);
    return parsed->contains(Address::parse(address).value());
}

}  // namespace

TEST_CASE("a network holds the addresses that begin as it does", "[network]") {
    CHECK(contains("10.0.0.0/8", "10.255.0.1"));
    CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
    CHECK(contains("192.0.2.128/25", "192.0.2.255"));
    CHECK_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
    CHECK(contains("192.0.2.7", "192.0.2.7"));
    CHECK_FALSE(contains("192.0.2.7", "192.0.2.6"));
    CHECK(contains("fd00::/9", "fd7f::1"));
    CHECK_FALSE(contains("fd00::/9", "fd80::1"));
    CHECK(contains("::1", "::1"));
    CHECK_FALSE(contains("::1", "127.0.0.1"));
    // The host bits of it do not matter, nor in which form an address of IPv4 is written.
    CHECK(contains("10.1.2.3/8", "10.9.9.9"));
    CHECK(contains("10.0.0.0/8", "::ffff:10.0.0.1"));
    CHECK(contains("::ffff:10.0.0.0/104", "10.0.0.1"));
}

TEST_CASE("what is not a network or an address is none", "[network]") {
    for (const char* text :
         {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8", "::/129",
          "fd00::/8/8", "localhost", "10.0.0.1 ", "fe80::1%eth0", "10.0.0.0/4294967200"}) {
        INFO(text);
        CHECK_FALSE(Network::parse(text));
    }
    CHECK_FALSE(Address::parse("10.0.0.1:80"));
    CHECK_FALSE(Address::parse(std::string_view("10.0.0.1\0", 9)));
    CHECK(Network::parse("0.0.0.0/0")->isEverything());
    CHECK(Network::parse("::/0")->isEverything());
    CHECK_FALSE(Network::parse("128.0.0.0/1")->isEverything());
}

TEST_CASE("an address is shown in its shortest form", "[network]") {
    CHECK(Address::parse("2001:DB8:0:0::1")->text() == "2001:db8::1");
    CHECK(Address::parse("::ffff:192.0.2.1")->text() == "192.0.2.1");
}

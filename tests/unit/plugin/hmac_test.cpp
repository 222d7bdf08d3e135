#include "plugin/hmac.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace iac::plugin {
namespace {

// RFC 4231, test case 2; and the example of GitHub's documentation.
constexpr const char* kJefe = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
constexpr const char* kGithub = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

}  // namespace

TEST_CASE("a signature matches its secret and bytes, whatever the case of its digits", "[hmac]") {
    CHECK(hmacSha256Matches("Jefe", "what do ya want for nothing?", kJefe));
    CHECK(hmacSha256Matches("It's a Secret to Everybody", "Hello, World!", kGithub));
    std::string upper(kJefe);
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    CHECK(hmacSha256Matches("Jefe", "what do ya want for nothing?", upper));
}

TEST_CASE("a signature of other bytes, of another secret or of another form does not", "[hmac]") {
    const std::string good(kGithub), secret = "It's a Secret to Everybody", body = "Hello, World!";
    REQUIRE(hmacSha256Matches(secret, body, good));
    CHECK_FALSE(hmacSha256Matches(secret, "Hello, World?", good));
    CHECK_FALSE(hmacSha256Matches("It's a secret to Everybody", body, good));
    CHECK_FALSE(hmacSha256Matches(secret, body, good.substr(1)));
    CHECK_FALSE(hmacSha256Matches(secret, body, good + "0"));
    CHECK_FALSE(hmacSha256Matches(secret, body, "g" + good.substr(1)));
    CHECK_FALSE(hmacSha256Matches(secret, body, ""));
    for (const std::size_t at : {0u, 31u, 63u}) {
        std::string other = good;
        other[at] = other[at] == '0' ? '1' : '0';
        CHECK_FALSE(hmacSha256Matches(secret, body, other));
    }
    // The HMAC of the empty body under the empty key: right, and refused all the same.
    CHECK_FALSE(hmacSha256Matches(
        "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
}

}  // namespace iac::plugin

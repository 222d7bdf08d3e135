#include "cli/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <chrono>
#include <span>
#include <stdexcept>

namespace iac::cli {
namespace {

std::string hex(std::span<const unsigned char> bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) text += {digits[byte >> 4], digits[byte & 15]};
    return text;
}

}  // namespace

std::string hmacSha256(std::string_view secret, std::string_view bytes) {
    std::array<unsigned char, 32> made{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), made.data(),
             &size) == nullptr)
        throw std::runtime_error("OpenSSL cannot sign the request");
    return hex(made);
}

void sign(Poco::Net::HTTPRequest& request, std::string_view body, std::string_view secret) {
    std::array<unsigned char, 16> random{};
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
        throw std::runtime_error("OpenSSL has no random bytes");
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::string timestamp =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count());
    const std::string nonce = hex(random);
    std::string bytes =
        timestamp + "." + nonce + "." + request.getMethod() + " " + request.getURI() + ".";
    bytes += body;
    request.set("X-IAC-Timestamp", timestamp);
    request.set("X-IAC-Nonce", nonce);
    request.set("X-Hub-Signature-256", "sha256=" + hmacSha256(secret, bytes));
}

}  // namespace iac::cli

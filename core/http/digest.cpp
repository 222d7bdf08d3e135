#include "http/digest.hpp"

#include <Poco/Base64Encoder.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <sstream>
#include <stdexcept>

namespace iac::http {

std::string sha256(std::string_view bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    // Fetched once: OpenSSL would look for who does it with every digest.
    static const EVP_MD* const kind = ::EVP_MD_fetch(nullptr, "SHA256", nullptr);
    std::array<unsigned char, 32> digest{};
    if (kind == nullptr ||
        ::EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, kind, nullptr) != 1)
        throw std::runtime_error("OpenSSL has no SHA-256 here");
    std::string hex;
    hex.reserve(2 * digest.size());
    for (const unsigned char byte : digest) {
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex;
}

std::string randomText(std::size_t bytes) {
    std::string random(bytes, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), static_cast<int>(bytes)) != 1)
        throw std::runtime_error("the system gives no random bytes");
    std::ostringstream text;
    Poco::Base64Encoder encoder(text, Poco::BASE64_URL_ENCODING | Poco::BASE64_NO_PADDING);
    encoder.rdbuf()->setLineLength(0);
    encoder << random;
    encoder.close();
    return std::move(text).str();
}

}  // namespace iac::http

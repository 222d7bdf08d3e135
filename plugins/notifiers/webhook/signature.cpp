#include "signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <iac/plugin.hpp>

namespace iac::webhook {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kShortestKey = 24, kLongestKey = 64;  // bytes
constexpr std::size_t kSignatureBytes = 32;

// The bytes of a base64 text; empty when it is none.
std::string decoded(std::string_view base64) {
    if (base64.empty() || base64.size() % 4 != 0) return {};
    std::string bytes(base64.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(base64.data()),
                                     static_cast<int>(base64.size()));
    if (size < 0) return {};
    // What the padding stands for is no byte of the key.
    std::size_t padding = 0;
    while (padding < 2 && base64[base64.size() - 1 - padding] == '=') ++padding;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

std::string encoded(const unsigned char* bytes, std::size_t size) {
    std::string base64(4 * ((size + 2) / 3) + 1, '\0');  // one more: libcrypto ends it with a NUL
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), bytes,
                                       static_cast<int>(size));
    base64.resize(static_cast<std::size_t>(length));
    return base64;
}

}  // namespace

Signer::Signer(std::string_view setting, const std::vector<std::string>& secrets) {
    const auto refuse = [&](const std::string& why) {
        invalid(std::string(setting) + ": " + why,
                {"secret", "Make one with: echo \"whsec_$(openssl rand -base64 32)\""});
    };
    for (const auto& secret : secrets) {
        if (secret.compare(0, kPrefix.size(), kPrefix) != 0)
            refuse(
                "it does not begin with whsec_; make one with: echo \"whsec_$(openssl rand "
                "-base64 32)\"");
        keys_.push_back(decoded(std::string_view(secret).substr(kPrefix.size())));
        if (keys_.back().size() < kShortestKey || keys_.back().size() > kLongestKey)
            refuse("after whsec_ there have to be " + std::to_string(kShortestKey) + " to " +
                   std::to_string(kLongestKey) + " bytes in base64");
    }
    if (keys_.empty()) refuse("there is none");
}

std::string Signer::sign(std::string_view id, std::string_view timestamp,
                         std::string_view body) const {
    std::string content;
    content.append(id).append(".").append(timestamp).append(".").append(body);
    std::string all;
    for (const auto& key : keys_) {
        std::array<unsigned char, kSignatureBytes> digest{};
        unsigned int size = 0;
        if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                 reinterpret_cast<const unsigned char*>(content.data()), content.size(),
                 digest.data(), &size) == nullptr)
            fail("libcrypto does not sign: it gave no HMAC-SHA256");
        all += (all.empty() ? "v1," : " v1,") + encoded(digest.data(), size);
    }
    return all;
}

}  // namespace iac::webhook

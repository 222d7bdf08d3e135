#include "plugin/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

namespace iac::plugin {
namespace {

using Digest = std::array<std::uint8_t, 32>;

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<Digest> decode(std::string_view hex) {
    Digest digest{};
    if (hex.size() != 2 * digest.size()) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        digest[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return digest;
}

struct FreeContext {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

// Looking the algorithm up costs OpenSSL 3 more than a small body does, so it is kept for the
// thread; the key is given anew each time, and wiped by OpenSSL when the next one comes.
Context makeContext() {
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    Context context(mac == nullptr ? nullptr : EVP_MAC_CTX_new(mac));
    EVP_MAC_free(mac);
    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end()};
    if (context && EVP_MAC_CTX_set_params(context.get(), parameters) != 1) context.reset();
    return context;
}

const unsigned char* bytesOf(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

bool hmacSha256Matches(std::string_view secret, std::string_view bytes,
                       std::string_view hex) noexcept {
    const auto given = decode(hex);
    if (secret.empty() || !given) return false;
    thread_local const Context context = makeContext();
    Digest made{};
    std::size_t size = 0;
    const bool done = context &&
                      EVP_MAC_init(context.get(), bytesOf(secret), secret.size(), nullptr) == 1 &&
                      EVP_MAC_update(context.get(), bytesOf(bytes), bytes.size()) == 1 &&
                      EVP_MAC_final(context.get(), made.data(), &size, made.size()) == 1;
    return done && size == made.size() &&
           CRYPTO_memcmp(made.data(), given->data(), made.size()) == 0;
}

}  // namespace iac::plugin

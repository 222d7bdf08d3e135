#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/inside.hpp"
#include "plugin/registry.hpp"

namespace iac::test {

/// The plugins of this build, as they ship.
inline const plugin::Registry& shipped() {
    static const plugin::Registry registry = [] {
        const std::string library = IAC_BUILD_DIR "/lib/iac-runner";
        ::setenv("IAC_LIBRARY_FOLDER", library.c_str(), 0);
        return plugin::Registry({library + "/plugins"});
    }();
    return registry;
}

/// Signs as GitHub does; OpenSSL itself is the referee, not the runner's own code.
inline std::string signature(std::string_view secret, std::string_view bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest, &size);
    std::string out = "sha256=";
    for (unsigned int i = 0; i < size; ++i) {
        constexpr std::string_view digits = "0123456789abcdef";
        out += digits[digest[i] >> 4];
        out += digits[digest[i] & 15];
    }
    return out;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

}  // namespace iac::test

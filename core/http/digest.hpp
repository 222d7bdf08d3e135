#pragma once

#include <string>
#include <string_view>

namespace iac::http {

/// SHA-256, hex.
std::string sha256(std::string_view bytes);

/// Bytes from the random source of the system, as base64url without padding: to be kept secret.
std::string randomText(std::size_t bytes);

}  // namespace iac::http

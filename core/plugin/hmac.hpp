#pragma once

#include <string_view>

namespace iac::plugin {

/// Whether `hex` (64 digits, either case) is HMAC-SHA256(secret, bytes). The time it takes does not
/// say where two signatures differ. False for an empty secret and for every other form of `hex`.
bool hmacSha256Matches(std::string_view secret, std::string_view bytes,
                       std::string_view hex) noexcept;

}  // namespace iac::plugin

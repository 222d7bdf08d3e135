#pragma once

#include <Poco/Net/HTTPRequest.h>

#include <string>
#include <string_view>

namespace iac::cli {

/// HMAC-SHA256, hex.
std::string hmacSha256(std::string_view secret, std::string_view bytes);

/// Signs a request in the form that is valid once: over
/// "<timestamp>.<nonce>.<method> <path and query>.<body>".
void sign(Poco::Net::HTTPRequest& request, std::string_view body, std::string_view secret);

}  // namespace iac::cli

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace iac::webhook {

/// Signs as Standard Webhooks say it (https://www.standardwebhooks.com), with one secret or, while
/// one is being replaced, with several.
class Signer {
public:
    /// `secrets` are "whsec_" and base64 of 24 to 64 bytes. iac::invalid, with the setting but
    /// never the secret, for everything else.
    Signer(std::string_view setting, const std::vector<std::string>& secrets);

    /// "v1,<base64>" for each secret, with a space between them.
    std::string sign(std::string_view id, std::string_view timestamp, std::string_view body) const;

private:
    std::vector<std::string> keys_;
};

}  // namespace iac::webhook

#pragma once

#include <string>
#include <string_view>

namespace iac::plugin {

/// Appends text as a JSON string, quoted. Bytes that are not UTF-8 become U+FFFD, so that what is
/// written can always be read again.
void appendQuoted(std::string& out, std::string_view text);

}  // namespace iac::plugin

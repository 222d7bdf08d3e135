#pragma once

#include <string>
#include <string_view>

namespace iac {

/// The text as valid UTF-8: each byte that is not part of a whole, shortest, assigned form becomes
/// U+FFFD. What comes from outside and is shown goes through here, so that an answer can always be
/// read. [any-thread]
std::string validUtf8(std::string_view text);

}  // namespace iac

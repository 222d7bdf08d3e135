#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace iac::triggers {

/// The decoded value of the first field of an application/x-www-form-urlencoded body. Empty when
/// the body begins with another field, or the value is not encoded right.
std::optional<std::string> firstField(std::string_view body, std::string_view name);

}  // namespace iac::triggers

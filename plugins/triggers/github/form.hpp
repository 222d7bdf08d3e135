#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace iac::triggers {

/// The decoded value of a field of an application/x-www-form-urlencoded body. Empty when it is not
/// there, or is not encoded right.
std::optional<std::string> formField(std::string_view body, std::string_view name);

}  // namespace iac::triggers

#pragma once

#include <map>
#include <string>
#include <string_view>

namespace iac::config {

/// Reads KEY=value lines, as a shell, Docker Compose and a Vault Agent's template write them:
///
///     # a comment, also after a value and a space
///     export KEY=value            `export` is optional
///     KEY='taken as it is'
///     KEY="with \n, \", \\ and \$, or several lines"
///
/// Nothing is expanded; of two lines with one name the later counts. Throws std::runtime_error with
/// a sentence that begins with the line and shows nothing of the value: `line 3 is not KEY=value`.
std::map<std::string, std::string> parseEnvFile(std::string_view text);

/// Whether it is [A-Za-z_][A-Za-z0-9_]*: what can be a variable.
bool isVariableName(std::string_view name);

}  // namespace iac::config

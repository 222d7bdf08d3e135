#pragma once

#include <Poco/Dynamic/Var.h>

#include <string>

namespace iac::config {

/// A plain (unquoted) scalar as the YAML 1.2 core schema types it: null, bool, Int64, double or
/// std::string. False for a number that JSON or 64 bits cannot hold (".inf", 20 digits).
bool plainScalar(const std::string& text, Poco::Dynamic::Var& typed);

/// Whether a plain scalar and the value that it was read as are the same text: "15" and "1.5" are,
/// "15.10", "0022", "1e3" and "True" are not.
bool keepsSpelling(const Poco::Dynamic::Var& typed, const std::string& written);

}  // namespace iac::config

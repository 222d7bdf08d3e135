#pragma once

#include <Poco/Dynamic/Var.h>

#include <string>

namespace iac::config {

/// A plain (unquoted) scalar as the YAML 1.2 core schema types it: null, bool, Int64, double or
/// std::string. False for a number that JSON or 64 bits cannot hold (".inf", 20 digits).
bool plainScalar(const std::string& text, Poco::Dynamic::Var& typed);

}  // namespace iac::config

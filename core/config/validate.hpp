#pragma once

#include <Poco/JSON/Object.h>

#include <string>
#include <vector>

namespace iac::config {

/// What a JSON Schema validator found: where, as keys and indexes, and in its own words.
struct RawFinding {
    std::vector<std::string> tokens;
    std::string words;
};

/// Validates with valijson, the one place that includes it: it is slow to compile. Throws
/// SchemaFault when the schema itself is malformed.
std::vector<RawFinding> validate(const Poco::JSON::Object::Ptr& schema,
                                 const Poco::Dynamic::Var& value);

}  // namespace iac::config

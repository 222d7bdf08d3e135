#pragma once

#include <Poco/JSON/Object.h>

#include <string>

#include "plugin/registry.hpp"

namespace iac::plugin {

/// Settings that a schema allows: what it requires, taken from `examples`, defaults, enums, or made
/// up; then its defaults. `fault`, when given, becomes why the result does not fit the schema.
Poco::JSON::Object::Ptr exampleSettings(const std::string& schema, std::string* fault);

/// What the programs of a step with this input would find in their environment; scratch: a folder
/// for what they write to IAC_OUTPUT.
std::vector<std::string> exampleEnvironment(const Poco::JSON::Object::Ptr& input,
                                            const std::filesystem::path& scratch);

/// An input of the plugin's kind, with every member there is. directory: of a step.
Poco::JSON::Object::Ptr exampleInput(const Plugin& plugin, const std::string& directory);

}  // namespace iac::plugin

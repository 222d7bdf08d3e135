#pragma once

#include <Poco/JSON/Object.h>

#include <filesystem>
#include <string>
#include <vector>

#include "plugin/registry.hpp"

namespace iac::plugin {

/// A case of the author's, ready to be asked.
struct ExampleCase {
    std::string name;
    std::string with;   ///< JSON text: the settings, complete
    std::string text;   ///< JSON text: the whole case, its input complete
    std::string fault;  ///< why its settings do not fit the schemas; empty: they do
};

/// The cases of an example that are of this plugin. What a case leaves out is taken from the
/// example. Its `files` are written below `folder`, which becomes the work tree of a step. Throws
/// std::invalid_argument with a sentence where they make no sense.
std::vector<ExampleCase> casesOf(const Poco::JSON::Object::Ptr& example, const Plugin& plugin,
                                 const std::filesystem::path& folder);

}  // namespace iac::plugin

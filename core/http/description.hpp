#pragma once

#include <string>
#include <string_view>

namespace iac::http {

/// openapi.yaml, built in.
extern const std::string_view kDescriptionYaml;
/// The same as JSON; made once. [any-thread]
const std::string& descriptionJson();

}  // namespace iac::http

#pragma once

#include <string_view>

namespace iac::config::embedded {

// Made from config/ at build time.
extern const std::string_view reference;  ///< config/reference.yaml
extern const std::string_view schema;     ///< config/schema.json

}  // namespace iac::config::embedded

#pragma once

#include <string>

#include "http/site.hpp"

namespace iac::http {

/// The environment that the filter "env" names; empty: none. One that the configuration has no more
/// is known while the history has it. Throws intake::Refused (422) for an unknown one.
std::string environmentFilter(const Site& site, const Request& request);

}  // namespace iac::http

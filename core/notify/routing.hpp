#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "model/states.hpp"

namespace iac::notify {

/// The names of the notifiers whose `when` lets this end of a deployment through, in the order of
/// the configuration.
std::vector<std::string> recipients(const config::Settings& settings, std::string_view environment,
                                    DeploymentState state);

}  // namespace iac::notify

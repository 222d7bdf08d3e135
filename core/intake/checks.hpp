#pragma once

#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "model/event.hpp"

namespace iac::intake {

/// Each throws Refused with its sentence.
void checkEnvironment(const config::Settings& settings, std::string_view environment);
void checkRef(const Event& event);
/// Nobody may place a hold in the name of the configuration: rollbacks pass over its holds.
void checkActor(std::string_view by);

/// The triggers of events that the runner makes itself.
inline constexpr std::string_view kApi = "api";              ///< somebody asked its API
inline constexpr std::string_view kRelease = "release";      ///< a hold has ended
inline constexpr std::string_view kReconcile = "reconcile";  ///< it was missed

/// Who places the hold of a freeze.
inline constexpr std::string_view kFreeze = "the configuration";

}  // namespace iac::intake

#pragma once

#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "model/deployment.hpp"

namespace iac::engine {

/// Explains a failed step by ordered rules over what it printed and what the executor said, those
/// of the configuration before those that are built in: the first rule that matches gives
/// error_kind and next_action. `said` is the executor's own sentence; it stays the summary unless
/// the rule knows better. No rule: error_kind "step_failed".
Diagnosis diagnose(const std::vector<config::DiagnosisRule>& rules, std::string_view said,
                   std::string_view output);

}  // namespace iac::engine

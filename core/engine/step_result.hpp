#pragma once

#include <string>

#include "base/masker.hpp"
#include "config/settings.hpp"
#include "engine/task_environment.hpp"
#include "history/history.hpp"
#include "plugin/host.hpp"

namespace iac::engine {

/// What one attempt of a step came to.
struct StepResult {
    bool interrupted = false;  ///< it was stopped on request: nothing is decided
    bool retry = false;        ///< the executor says that trying again may help
    history::AttemptEnd attempt;
    history::StepEnd step;  ///< valid unless interrupted
};

inline constexpr const char* kDriftUnknown = "drift_unknown";

/// Puts together what the executor returned and emitted, what the task wrote to IAC_OUTPUT (which
/// is nearer to the truth and overrides it), and what the output says about a failure by
/// the rules of the configuration and those built in. Everything
/// is masked. In a dry run the outcome may be unknown: the step is unchanged, of the error kind
/// kDriftUnknown.
StepResult stepResult(const plugin::HostedResult& hosted, const TaskOutput& task,
                      std::string_view output, const std::vector<config::DiagnosisRule>& rules,
                      const Masker& masker, bool dry_run = false);

}  // namespace iac::engine

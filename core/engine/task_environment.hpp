#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/account.hpp"
#include "config/settings.hpp"
#include "model/deployment.hpp"
#include "planning/catalogue.hpp"

namespace iac::engine {

/// All variables of a task, "NAME=value": a clean base (never the daemon's own environment), then
/// DEPLOY_ENV, the environment's variables, the secrets the service names, and IAC_*. config.md,
/// "What a task sees". user: whom it runs as; null: the runner's own user.
std::vector<std::string> taskEnvironment(const config::Settings& settings,
                                         const Deployment& deployment,
                                         const planning::Service& service,
                                         const std::filesystem::path& scratch,
                                         const Account* user = nullptr);

/// The file in the scratch folder that IAC_OUTPUT names.
std::filesystem::path taskOutputFile(const std::filesystem::path& scratch);

/// What a task wrote to it.
struct TaskOutput {
    std::string outcome, summary, config_hash;  ///< empty: not said
    std::string invalid = {};  ///< why the file cannot be believed; empty: it can, or there is none
};
/// Lines of KEY=value; what is not known is passed over. The task owns the file: only a regular
/// file of at most kTaskOutputLimit bytes is read, no link is followed, and nothing is waited for.
TaskOutput readTaskOutput(const std::filesystem::path& file);
inline constexpr std::size_t kTaskOutputLimit = 64u << 10;

}  // namespace iac::engine

#pragma once

#include <optional>

#include "base/account.hpp"
#include "config/settings.hpp"
#include "plugin/registry.hpp"

namespace iac {

/// Whom the steps of an executor run as; empty: the runner's own user. Throws config::Invalid:
/// there is no such user, this process may not run programs as that user, or that user cannot reach
/// the data folder or the plugin.
std::optional<Account> stepUser(const config::Settings& settings, const config::ExecutorUse& use,
                                const plugin::Plugin& plugin);

}  // namespace iac

#pragma once

#include <filesystem>

#include "base/cancellation.hpp"
#include "config/settings.hpp"
#include "history/history.hpp"

namespace iac::upkeep {

/// Removes what the configuration does not keep: rows a few at a time, so that nobody waits, and
/// then the logs of those that are gone. Logs that a crash left without their deployment go too.
void removeOld(const config::Keep& keep, const std::filesystem::path& data,
               history::History& history, const Cancellation& cancel);

}  // namespace iac::upkeep

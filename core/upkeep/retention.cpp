#include "upkeep/retention.hpp"

#include <charconv>
#include <string>
#include <system_error>

#include "base/log.hpp"
#include "base/pause.hpp"

namespace iac::upkeep {
namespace {

namespace fs = std::filesystem;

constexpr int kPauseMilliseconds = 20;  // between two transactions: others go first

void removeLogs(const fs::path& folder) {
    std::error_code left;
    fs::remove_all(folder, left);
    if (left)
        log::warning("upkeep",
                     "the logs in " + folder.string() + " cannot be removed: " + left.message());
}

// The rows go before the logs: after a crash between the two there are logs that nobody asks for.
void removeOrphans(const fs::path& logs, history::History& history, const Cancellation& cancel) {
    std::error_code unreadable;
    for (const auto& entry : fs::directory_iterator(logs, unreadable)) {
        if (cancel.requested()) return;
        const std::string name = entry.path().filename().string();
        DeploymentId id = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
        if (error != std::errc{} || end != name.data() + name.size()) continue;
        if (!history.deployment(id)) removeLogs(entry.path());
    }
}

}  // namespace

void removeOld(const config::Keep& keep, const fs::path& data, history::History& history,
               const Cancellation& cancel) {
    const history::Retention retention{
        keep.deployments, static_cast<std::size_t>(keep.most_deployments), keep.events};
    std::size_t count = 0;
    while (!cancel.requested()) {
        const auto gone = history.prune(retention);
        if (gone.nothing()) break;
        count += gone.deployments.size();
        for (const DeploymentId id : gone.deployments)
            removeLogs(data / "logs" / std::to_string(id));
        if (!pauseFor(kPauseMilliseconds, cancel)) return;
    }
    removeOrphans(data / "logs", history, cancel);
    if (count > 0)
        log::info("upkeep",
                  std::to_string(count) + " old deployment(s) are removed from the history");
}

}  // namespace iac::upkeep

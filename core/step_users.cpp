#include "step_users.hpp"

#include <unistd.h>

#include <filesystem>
#include <string>

#include "plugin/host_program.hpp"

namespace iac {
namespace {

namespace fs = std::filesystem;

std::string placeOf(const config::Settings& settings, const config::ExecutorUse& use) {
    std::string path = "executors." + use.name + ".user";
    if (!settings.origins.lines.contains(path)) path = "engine.step_user";
    return settings.origins.file + ":" + std::to_string(settings.origins.line(path)) + ": " + path;
}

// Above the data folder, which the runner opens to its steps itself.
fs::path nearestAbove(const fs::path& data) {
    fs::path folder = data.parent_path();
    std::error_code missing;
    while (folder.has_relative_path() && !fs::exists(folder, missing))
        folder = folder.parent_path();
    return folder;
}

// Why that user's steps could not run; empty: they can.
std::string obstacle(const config::Settings& settings, const Account& account,
                     const plugin::Plugin& plugin) {
    const std::string named = "\"" + account.name + "\"";
    if (account.ids.uid == 0)
        return named + " may do anything on this machine; name a user with fewer rights";
    if (const auto missing = missingSwitchCapabilities(); !missing.empty())
        return "steps cannot run as " + named + ": this process is not root and has not " +
               missing +
               "; run it as root, or give it these capabilities (AmbientCapabilities= of "
               "its systemd unit)";
    if (const auto folder = nearestAbove(settings.data); !canEnter(account.ids, folder))
        return "steps cannot run as " + named + ": that user cannot enter " + folder.string() +
               ", where `data` lies; let it (chmod o+x, for each folder on the way), or choose "
               "another `data`";
    for (const auto& file : {plugin.file, plugin::hostProgram()})
        if (!canRead(account.ids, file))
            return "steps cannot run as " + named + ": that user cannot read " + file.string() +
                   "; let it (chmod o+r, and o+x for each folder on the way)";
    return {};
}

}  // namespace

std::optional<Account> stepUser(const config::Settings& settings, const config::ExecutorUse& use,
                                const plugin::Plugin& plugin) {
    if (use.user.empty()) return std::nullopt;
    auto account = findAccount(use.user);
    if (!account)
        throw config::Invalid(placeOf(settings, use) + ": \"" + use.user +
                              "\" is not a user of this machine; create it (adduser --system "
                              "--group " +
                              use.user + "), or name another one");
    if (account->ids.uid == ::geteuid()) return std::nullopt;
    if (const auto why = obstacle(settings, *account, plugin); !why.empty())
        throw config::Invalid(placeOf(settings, use) + ": " + why);
    return account;
}

}  // namespace iac

#include "plugin/registry.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <system_error>

#include "plugin/checks.hpp"
#include "plugin/file_identity.hpp"
#include "plugin/module.hpp"
#include "plugin/probe.hpp"

namespace iac::plugin {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> pluginFiles(const fs::path& folder) {
    std::error_code failed;
    const fs::path absolute = fs::canonical(folder, failed);
    fs::directory_iterator entries;
    if (!failed) entries = fs::directory_iterator(absolute, failed);
    if (failed)
        throw Refused("the plugin folder " + folder.string() + " cannot be read: " +
                      failed.message() + "; create it, or correct `plugins` in the configuration");
    std::vector<fs::path> files;
    for (const auto& entry : entries)
        if (entry.path().extension() == ".so") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::string idsOf(const std::vector<Plugin>& plugins, std::string_view kind) {
    std::string ids;
    for (const auto& one : plugins)
        if (one.kind == kind) (ids += ids.empty() ? "" : ", ") += one.id;
    return ids.empty() ? "none" : ids;
}

}  // namespace

Registry::Registry(const std::vector<fs::path>& folders) {
    std::vector<fs::path> files, good;
    for (const auto& folder : folders) {
        for (auto& file : pluginFiles(folder))
            if (std::find(files.begin(), files.end(), file) == files.end())
                files.push_back(std::move(file));
    }
    // Before they are judged: what replaces one meanwhile is another file.
    std::map<fs::path, std::string> identities;
    for (const auto& file : files) identities[file] = fileIdentity(file);
    for (const auto& file : files) {
        if (auto reason = judgeFile(file); !reason.empty()) {
            refuse(file, reason, {});
        } else {
            good.push_back(file);
        }
    }
    const auto deadly = probe(good);
    for (const auto& file : good) {
        if (const auto found = deadly.find(file); found != deadly.end()) {
            refuse(file, found->second, {});
        } else {
            take(file);
        }
    }
    writeDown(identities);
}

// What was judged, loaded and hashed has to be one file.
void Registry::writeDown(const std::map<fs::path, std::string>& identities) {
    std::map<fs::path, std::string> hashes;
    for (const auto& plugin : plugins_)
        if (!hashes.contains(plugin.file)) hashes[plugin.file] = sha256OfFile(plugin.file);
    for (auto& [file, hash] : hashes) {
        if (!hash.empty() && fileIdentity(file) == identities.at(file)) continue;
        std::vector<std::string> ids;
        for (const auto& plugin : plugins_)
            if (plugin.file == file) ids.push_back(plugin.id);
        std::erase_if(plugins_, [&, &gone = file](const Plugin& one) { return one.file == gone; });
        refuse(file, "was replaced while it was read; reload the configuration (SIGHUP)",
               std::move(ids));
    }
    for (auto& plugin : plugins_) {
        plugin.identity = identities.at(plugin.file);
        plugin.sha256 = hashes[plugin.file];
    }
}

// All of a file or nothing: ids count only once the whole file has passed.
void Registry::take(const fs::path& file) {
    OpenedModule opened = openModule(file);
    for (auto one = opened.plugins.begin(); one != opened.plugins.end(); ++one) {
        const auto same = [&](const Plugin& other) { return other.id == one->id; };
        if (std::any_of(opened.plugins.begin(), one, same)) {
            opened.reason = "declares \"" + one->id + "\" twice";
        } else if (const auto other = std::find_if(plugins_.begin(), plugins_.end(), same);
                   other != plugins_.end()) {
            opened.reason = "declares \"" + one->id + "\", which " + other->file.string() +
                            " already provides; remove one of the two files";
        }
        if (!opened.reason.empty()) break;
    }
    if (!opened.reason.empty()) return refuse(file, opened.reason, std::move(opened.ids));
    std::move(opened.plugins.begin(), opened.plugins.end(), std::back_inserter(plugins_));
}

void Registry::refuse(const fs::path& file, const std::string& reason,
                      std::vector<std::string> ids) {
    refused_.push_back({file, "plugin " + file.string() + " " + reason, std::move(ids)});
}

const Plugin& Registry::find(std::string_view kind, std::string_view id) const {
    const auto found = std::find_if(plugins_.begin(), plugins_.end(), [&](const Plugin& one) {
        return one.kind == kind && one.id == id;
    });
    if (found != plugins_.end()) return *found;
    std::string why = "there is no " + std::string(kind) + " \"" + std::string(id) + "\"";
    for (const auto& one : plugins_)
        if (one.id == id)
            throw Refused(why + ": it is a " + one.kind + " (" + one.file.string() + ")");
    for (const auto& file : refused_)
        if (std::find(file.ids.begin(), file.ids.end(), id) != file.ids.end())
            throw Refused(why + ": " + file.reason);
    why += "; known: " + idsOf(plugins_, kind);
    // A file that could not be read may be the one that has it.
    for (const auto& file : refused_)
        if (file.ids.empty()) why += "; refused: " + file.reason;
    throw Refused(why);
}

}  // namespace iac::plugin

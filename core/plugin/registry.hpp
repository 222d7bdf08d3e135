#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct iac_plugin;

namespace iac::plugin {

/// A plugin file that is not taken, or a plugin that is not there. what() is a sentence with the
/// file, why, and what to do.
class Refused : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A loaded plugin: a copy of what it says about itself, and its functions. Valid for ever: a
/// plugin file is never unloaded.
struct Plugin {
    std::string kind;  ///< "executor" (the revision of the kind is checked and gone)
    std::string id;    ///< "iac.invoke"
    std::string version;
    std::string summary;
    std::string schema;          ///< JSON Schema of `with`
    std::string service_schema;  ///< executors: JSON Schema of services[].with; empty: takes none
    std::string routes;          ///< triggers: "POST /deploy, POST /sync"
    std::filesystem::path file;  ///< absolute
    std::string sha256;          ///< of the file, 64 hex digits
    std::string identity;        ///< of the file as it was judged; empty: nobody looks
    const iac_plugin* functions = nullptr;
};

struct RefusedFile {
    std::filesystem::path file;
    std::string reason;            ///< a sentence
    std::vector<std::string> ids;  ///< what it would have provided, as far as it could be read
};

/// All plugin files of the configured folders, each judged before any of its code runs, then loaded
/// with Boost.DLL (now, local; never unloaded). A bad file is listed in refused(), and is an error
/// only when the configuration needs what it would have provided. Made once for a configuration; a
/// file that was replaced since the last one is loaded beside it. Read-only and [any-thread].
class Registry {
public:
    /// Every *.so of the folders, by name. A folder that is not there is Refused.
    explicit Registry(const std::vector<std::filesystem::path>& folders);

    /// kind: "trigger", "mapper", "executor", "notifier". Refused when there is none of that id and
    /// kind, naming the ids there are, or why the file that has it was refused.
    const Plugin& find(std::string_view kind, std::string_view id) const;
    const std::vector<Plugin>& plugins() const { return plugins_; }
    const std::vector<RefusedFile>& refused() const { return refused_; }

private:
    void take(const std::filesystem::path& file);
    void writeDown(const std::map<std::filesystem::path, std::string>& identities);
    void refuse(const std::filesystem::path& file, const std::string& reason,
                std::vector<std::string> ids);

    std::vector<Plugin> plugins_;
    std::vector<RefusedFile> refused_;
};

/// Where plugins and the plugin host lie: ../lib/iac-runner beside the folder of this program, in a
/// build tree as after an installation. A program that lies elsewhere (a test) names it in the
/// environment variable IAC_LIBRARY_FOLDER.
std::filesystem::path libraryFolder();

}  // namespace iac::plugin

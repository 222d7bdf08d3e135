#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fixtures/folder.hpp"
#include "plugin/registry.hpp"

namespace iac::plugin {

/// A plugin of tests/fixtures/plugins, where the build put it.
inline std::filesystem::path builtPlugin(const std::string& name) {
    return std::filesystem::path(IAC_BUILD_DIR) / "tests" / "plugins" / (name + ".so");
}

/// A folder of its own with copies of the named fixtures.
class PluginFolder {
public:
    explicit PluginFolder(const std::vector<std::string>& names = {}) {
        for (const auto& name : names) add(name);
    }
    std::filesystem::path path() const { return folder_.path(); }
    std::filesystem::path file(const std::string& name) const { return path() / (name + ".so"); }
    void add(const std::string& name) { add(name, name); }
    void add(const std::string& name, const std::string& as) {
        std::filesystem::copy_file(builtPlugin(name), file(as));
        protect(file(as));
    }
    /// Whatever the umask of who runs the tests: nobody else may write.
    static void protect(const std::filesystem::path& file) {
        using std::filesystem::perms;
        std::filesystem::permissions(file, perms::group_write | perms::others_write,
                                     std::filesystem::perm_options::remove);
    }

private:
    fixtures::Folder folder_;
};

}  // namespace iac::plugin

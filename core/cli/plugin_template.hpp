#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace iac::cli {

/// The names that a new plugin gets, all made of one.
struct PluginNames {
    std::string id;          ///< "acme.helm-upgrade": as given; "local.helm" of "helm"
    std::string file;        ///< "helm_upgrade": of its file and its CMake target
    std::string class_name;  ///< "HelmUpgrade"

    /// Throws std::invalid_argument when it is no id, or no target can be called so.
    explicit PluginNames(const std::string& name);
};

/// Where the templates lie: ../share/iac-runner/templates beside the folder of this program.
std::filesystem::path templateFolder();

/// Writes the template of a kind into `folder`, which may not hold anything yet; the files written.
/// Throws std::runtime_error, with a sentence, when there is no such kind or a file is in the way.
std::vector<std::filesystem::path> writeTemplate(const std::string& kind, const PluginNames& names,
                                                 const std::filesystem::path& folder);

}  // namespace iac::cli

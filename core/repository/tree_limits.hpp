#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace iac::repository {

/// Counts what git prints about a tree while it prints it: a few objects can be a tree of ten
/// thousand million files. Throws GitFailed ("too_large"), with the setting that names the limit.
class TreeLimits {
public:
    TreeLimits(std::string_view revision, std::uint64_t most_files, std::uint64_t most_bytes)
        : revision_(revision), most_files_(most_files), most_bytes_(most_bytes) {}

    /// Of `git ls-tree -r -z --name-only`.
    void takeNames(std::string_view bytes);
    /// Of `git ls-tree -r -z -l`.
    void takeEntries(std::string_view bytes);

private:
    void addFiles(std::uint64_t files);
    void addBytes();

    const std::string revision_;
    const std::uint64_t most_files_, most_bytes_;
    std::uint64_t files_ = 0, bytes_ = 0, names_ = 0;
    std::string head_;      ///< of an entry, up to its tab: "100644 blob SHA    1234"
    bool in_name_ = false;  ///< behind the tab
};

}  // namespace iac::repository

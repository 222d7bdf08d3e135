#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/descriptor.hpp"

namespace iac {

/// Notices that files have other contents: written, replaced by a rename, or reached through a link
/// that was changed, as a Vault Agent and Kubernetes do it. One thread.
class FileWatch {
public:
    /// Throws std::system_error when nothing can be watched at all (fs.inotify.max_user_instances).
    explicit FileWatch(const std::vector<std::filesystem::path>& files);

    /// Readable when something happened beside one of them; for poll(2).
    int descriptor() const noexcept { return inotify_.get(); }
    /// Takes note of what happened: whether one of them is another file than it was.
    bool changed();

private:
    /// Which file it is, and when it was written last; empty: it is not there.
    static std::string stampOf(const std::filesystem::path& file);
    std::vector<std::string> stamps() const;

    const std::vector<std::filesystem::path> files_;
    Descriptor inotify_;
    std::vector<std::string> seen_;
};

}  // namespace iac

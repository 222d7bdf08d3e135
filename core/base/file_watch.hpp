#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/descriptor.hpp"

namespace iac {

/// Notices that files were written, replaced by a rename, or are reached through a link that was
/// changed, as a Vault Agent and Kubernetes do it. One thread.
class FileWatch {
public:
    explicit FileWatch(std::vector<std::filesystem::path> files);

    const std::vector<std::filesystem::path>& files() const noexcept { return files_; }
    /// Readable when something happened beside one of them; for poll(2). Not of everything: a
    /// folder that is replaced takes its watch with it, and the system has only so many watches. So
    /// changed() is to be asked now and then all the same. -1: there is nothing to poll for.
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

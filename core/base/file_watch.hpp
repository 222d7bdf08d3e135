#pragma once

#include <sys/types.h>

#include <filesystem>
#include <tuple>
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
    /// Which file it is (device, number), its size, and when it was written last (seconds,
    /// nanoseconds); zeros: it is not there.
    using Stamp = std::tuple<dev_t, ino_t, off_t, time_t, long>;

    static Stamp stampOf(const std::filesystem::path& file);
    std::vector<Stamp> stamps() const;

    const std::vector<std::filesystem::path> files_;
    Descriptor inotify_;
    std::vector<Stamp> seen_;
};

}  // namespace iac

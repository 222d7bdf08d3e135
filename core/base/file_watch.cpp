#include "base/file_watch.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>

#include <array>
#include <utility>

namespace iac {

FileWatch::FileWatch(std::vector<std::filesystem::path> files)
    : files_(std::move(files)), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    // The folder and not the file: a file that is replaced takes its watch with it.
    for (const auto& file : files_)
        ::inotify_add_watch(inotify_.get(), file.parent_path().c_str(),
                            IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE);
    seen_ = stamps();
}

bool FileWatch::changed() {
    std::array<char, 4096> events{};
    while (inotify_ && ::read(inotify_.get(), events.data(), events.size()) > 0) continue;
    auto now = stamps();
    const bool different = now != seen_;
    seen_ = std::move(now);
    return different;
}

FileWatch::Stamp FileWatch::stampOf(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return {};
    return {status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
            status.st_mtim.tv_nsec};
}

std::vector<FileWatch::Stamp> FileWatch::stamps() const {
    std::vector<Stamp> all;
    for (const auto& file : files_) all.push_back(stampOf(file));
    return all;
}

}  // namespace iac

#include "data_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "config/settings.hpp"

namespace iac {
namespace fs = std::filesystem;
namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

void refuseUnlessOurs(const fs::path& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0)
        throw std::system_error(errno, std::generic_category(), "data: " + folder.string());
    const std::string named = "data: " + folder.string();
    if (status.st_uid != ::geteuid())
        throw config::Invalid(named + " belongs to the user with the number " +
                              std::to_string(status.st_uid) +
                              ", and the runner runs as another one; give it to the runner's user "
                              "(chown), or choose another folder");
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        throw config::Invalid(named +
                              " can be written by others than its owner, who may have put "
                              "something into it; look at what is in it, then: chmod 700 " +
                              folder.string());
    if ((status.st_mode & kOthers) != 0) ::chmod(folder.c_str(), S_IRWXU);
}

// What a link points to is not ours.
void close(const fs::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || S_ISLNK(status.st_mode)) return;
    if ((status.st_mode & kOthers) != 0)
        ::chmod(path.c_str(), status.st_mode & static_cast<mode_t>(S_IRWXU));
}

}  // namespace

// Whoever can write to the data folder could have git run a program of theirs (the mirror's
// configuration), or write history. Made private first: from then on nobody else reaches what is
// in it, whatever its modes are.
void takeDataFolder(const fs::path& folder) {
    fs::create_directories(folder);
    refuseUnlessOurs(folder);
    // What others make room for in passing (create_directories) is there, and closed, before.
    for (const char* part : {"logs", "scratch", "work"}) fs::create_directories(folder / part);
    for (const auto& entry : fs::directory_iterator(folder)) close(entry.path());
}

}  // namespace iac

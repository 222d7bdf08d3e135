#include "base/remove_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "base/descriptor.hpp"

namespace iac {
namespace {

constexpr mode_t kOwner = S_IRWXU;

std::error_code lastError() {
    return {errno, std::generic_category()};
}

// The names in a folder, and for each whether it is a folder itself.
std::vector<std::pair<std::string, bool>> entriesOf(int folder, std::error_code& error) {
    std::vector<std::pair<std::string, bool>> entries;
    // closedir() closes its descriptor: a copy, which shares the place in the list.
    const std::unique_ptr<DIR, int (*)(DIR*)> list(::fdopendir(::fcntl(folder, F_DUPFD_CLOEXEC, 0)),
                                                   [](DIR* one) { return ::closedir(one); });
    if (!list) {
        error = lastError();
        return entries;
    }
    while (const dirent* entry = ::readdir(list.get())) {
        const std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        struct stat status {};
        const bool known = ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
        entries.emplace_back(name, known && S_ISDIR(status.st_mode));
    }
    return entries;
}

// Makes a folder ours, and ours alone: whoever owned it may still run, and must not put a link into
// the place of what we looked at. Only folders; `at` is ours already.
void take(int at, const char* name) {
    constexpr auto kSame = static_cast<gid_t>(-1);
    static_cast<void>(::fchownat(at, name, ::geteuid(), kSame, AT_SYMLINK_NOFOLLOW));
    ::fchmodat(at, name, kOwner, 0);
}

Descriptor openFolder(int at, const char* name) {
    return Descriptor(::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// Empties `top`. Each folder within is moved to the top before its turn comes, so that no path
// grows with the depth, and no descriptor is held for a folder above.
class Emptying {
public:
    Emptying(int top, std::error_code& error) : top_(top), error_(error) {}

    void run() {
        emptyOne(top_);
        while (!waiting_.empty()) {
            const std::string name = std::move(waiting_.back());
            waiting_.pop_back();
            take(top_, name.c_str());  // a folder, not a link: looked at before
            const Descriptor folder = openFolder(top_, name.c_str());
            if (!folder) {
                error_ = lastError();
                continue;
            }
            emptyOne(folder.get());
            if (::unlinkat(top_, name.c_str(), AT_REMOVEDIR) != 0) error_ = lastError();
        }
    }

private:
    void emptyOne(int folder) {
        for (const auto& [name, is_folder] : entriesOf(folder, error_)) {
            if (!is_folder) {
                if (::unlinkat(folder, name.c_str(), 0) != 0) error_ = lastError();
                continue;
            }
            if (folder == top_) {
                waiting_.push_back(name);
                continue;
            }
            // To be moved, it has to be writable: its ".." changes.
            take(folder, name.c_str());
            const std::string moved = nextName();
            if (::renameat(folder, name.c_str(), top_, moved.c_str()) != 0) {
                error_ = lastError();
            } else {
                waiting_.push_back(moved);
            }
        }
    }
    std::string nextName() {
        std::string name;
        struct stat status {};
        do {
            name = ".removed-" + std::to_string(++moved_);
        } while (::fstatat(top_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0);
        return name;
    }

    const int top_;
    std::error_code& error_;
    std::vector<std::string> waiting_;
    std::uint64_t moved_ = 0;
};

}  // namespace

void removeTree(const std::filesystem::path& path, std::error_code& error) {
    error.clear();
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno != ENOENT) error = lastError();
        return;
    }
    if (!S_ISDIR(status.st_mode)) {
        if (::unlink(path.c_str()) != 0) error = lastError();
        return;
    }
    take(AT_FDCWD, path.c_str());
    const Descriptor top = openFolder(AT_FDCWD, path.c_str());
    if (!top) {
        error = lastError();
        return;
    }
    Emptying(top.get(), error).run();
    if (::rmdir(path.c_str()) != 0 && !error) error = lastError();
}

}  // namespace iac

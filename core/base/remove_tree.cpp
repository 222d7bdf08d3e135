#include "base/remove_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/descriptor.hpp"

namespace iac {
namespace {

constexpr mode_t kOwner = S_IRWXU;

std::error_code lastError() {
    return {errno, std::generic_category()};
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

// Which file it is, whatever it is called.
using Identity = std::pair<dev_t, ino_t>;

std::optional<Identity> identityOf(int at, const char* name) {
    struct stat status {};
    const int flags = AT_SYMLINK_NOFOLLOW | (*name == '\0' ? AT_EMPTY_PATH : 0);
    if (::fstatat(at, name, &status, flags) != 0) return std::nullopt;
    return Identity{status.st_dev, status.st_ino};
}

bool isFolder(int at, const dirent& entry) {
    if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
    struct stat status {};
    return ::fstatat(at, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
}

// Empties a folder and all below it. It keeps no list of names and moves nothing: neither the
// number of files nor a full disk may stop it. Each folder on the way is ours alone, so ".." of
// one leads to where we came from.
class Emptying {
public:
    explicit Emptying(std::error_code& error) : error_(error) {}

    void run(Descriptor top) {
        Descriptor folder = std::move(top);
        for (std::vector<Identity> above; folder;) {
            const auto self = identityOf(folder.get(), "");
            if (!self) return fail();
            if (Descriptor below = emptyUntilFolder(folder.get())) {
                above.push_back(*self);
                folder = std::move(below);
                continue;
            }
            if (left_) leave(*self);
            if (above.empty() || stays_.size() > kMostLeft) return;
            Descriptor up = openFolder(folder.get(), "..");
            if (!up || identityOf(up.get(), "") != above.back()) return fail();
            above.pop_back();
            folder = std::move(up);
        }
    }

private:
    // Folders that cannot be emptied; more of them, and the rest stays too.
    static constexpr std::size_t kMostLeft = 4'096;

    void fail() {
        if (!error_) error_ = errno != 0 ? lastError() : std::make_error_code(std::errc::io_error);
    }
    void leave(const Identity& folder) { stays_.insert(folder); }

    // Removes what it can, until it finds a folder that has to be emptied first; empty: none.
    // `left_` says whether something stays.
    Descriptor emptyUntilFolder(int folder) {
        left_ = false;
        const std::unique_ptr<DIR, int (*)(DIR*)> list(
            ::fdopendir(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
            [](DIR* one) { return ::closedir(one); });
        if (!list) {
            fail();
            left_ = true;
            return {};
        }
        // A list that is read while entries go may leave some out: until a pass removes nothing.
        for (bool removed = true; removed; ::rewinddir(list.get())) {
            removed = left_ = false;
            while (const dirent* entry = ::readdir(list.get())) {
                const std::string_view name = entry->d_name;
                if (name == "." || name == "..") continue;
                if (!isFolder(folder, *entry)) {
                    removed = remove(folder, entry->d_name) || removed;
                    continue;
                }
                const auto identity = identityOf(folder, entry->d_name);
                if (!identity) continue;  // gone
                if (stays_.contains(*identity)) {
                    left_ = true;
                } else if (::unlinkat(folder, entry->d_name, AT_REMOVEDIR) == 0) {
                    removed = true;
                } else {
                    take(folder, entry->d_name);
                    if (Descriptor below = openFolder(folder, entry->d_name)) return below;
                    fail();
                    left_ = true;
                    leave(*identity);
                }
            }
        }
        return {};
    }

    bool remove(int folder, const char* name) {
        if (::unlinkat(folder, name, 0) == 0) return true;
        if (errno == ENOENT) return false;
        fail();
        left_ = true;
        return false;
    }

    std::error_code& error_;
    bool left_ = false;
    std::set<Identity> stays_;
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
    Descriptor top = openFolder(AT_FDCWD, path.c_str());
    if (!top) {
        error = lastError();
        return;
    }
    Emptying(error).run(std::move(top));
    if (::rmdir(path.c_str()) != 0 && !error) error = lastError();
}

}  // namespace iac

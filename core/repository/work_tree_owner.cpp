// A work tree that is given to another user.
#include <unistd.h>

#include <system_error>

#include "base/remove_tree.hpp"
#include "repository/mirror.hpp"

namespace iac::repository {
namespace fs = std::filesystem;
namespace {

// Not written yet, or left by a git that was killed.
bool isUnfinished(const std::string& name) {
    return name.starts_with("tmp_") || name.starts_with(".tmp") || name.ends_with(".lock");
}

// Read by all and written by its owner alone, whatever `engine.umask` made of it.
bool mayBeLinked(const fs::path& file) {
    std::error_code gone;
    const auto modes = fs::status(file, gone).permissions();
    constexpr auto kWritten = fs::perms::group_write | fs::perms::others_write;
    return !gone && (modes & fs::perms::others_read) != fs::perms::none &&
           (modes & kWritten) == fs::perms::none;
}

// A link, because the mirror may be large: the file stays the runner's, and nobody else can write
// to it. A copy, where the two lie on different file systems. False: it is gone from the mirror.
bool linkOne(const fs::path& from, const fs::path& to) {
    std::error_code failed;
    if (mayBeLinked(from))
        fs::create_hard_link(from, to, failed);
    else
        failed = std::make_error_code(std::errc::operation_not_permitted);
    if (!failed || failed == std::errc::file_exists) return true;
    if (failed == std::errc::no_such_file_or_directory) return false;
    fs::copy_file(from, to, fs::copy_options::skip_existing, failed);
    if (failed == std::errc::no_such_file_or_directory) return false;
    if (failed) throw fs::filesystem_error("cannot be copied", from, failed);
    return true;
}

bool linkFolder(const fs::path& from, const fs::path& to, const fs::path& except) {
    bool whole = true;
    fs::create_directories(to);
    for (fs::recursive_directory_iterator at(from), end; at != end; ++at) {
        const fs::path target = to / at->path().lexically_relative(from);
        std::error_code gone;
        if (at->path() == except) {
            at.disable_recursion_pending();
        } else if (at->is_directory(gone)) {
            fs::create_directories(target);
        } else if (!isUnfinished(at->path().filename())) {
            whole = linkOne(at->path(), target) && whole;
        }
    }
    return whole;
}

// False: something was gone before it could be linked, because git packs objects anew meanwhile.
// The packs last: an object that is packed while the others are linked is found there.
bool linkAll(const fs::path& from, const fs::path& to) {
    const bool whole = linkFolder(from, to, from / "pack");
    return linkFolder(from / "pack", to / "pack", {}) && whole;
}

void linkObjects(const fs::path& from, const fs::path& to) {
    constexpr int kTries = 10;
    for (int i = 0; i < kTries; ++i) {
        try {
            if (linkAll(from, to)) return;
        } catch (const fs::filesystem_error& gone) {
            if (gone.code() != std::errc::no_such_file_or_directory) throw;
        }
    }
    throw GitFailed("git_failed",
                    "the objects of the mirror change all the time, and cannot be "
                    "linked into a work tree; retry the deployment");
}

void give(const fs::path& path, const UserIds& user) {
    if (::lchown(path.c_str(), user.uid, user.gid) != 0)
        throw fs::filesystem_error("cannot be given to the user", path,
                                   std::error_code(errno, std::generic_category()));
}

}  // namespace

// Nobody else can reach the tree before it is moved: no link can be put where we change an owner.
void WorkTree::giveTo(const UserIds& user, const fs::path& to) {
    const fs::path own = folder_ / ".git/objects";
    fs::remove(own / "info/alternates");
    linkObjects(objects_, own);
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
        // Never what a link of the repository points to: its look-up may fail, or never return.
        const bool file = entry.symlink_status().type() == fs::file_type::regular;
        // What is linked is the mirror's: an owner could write to it.
        const bool linked = file && entry.hard_link_count() > 1 &&
                            entry.path().lexically_relative(own).native().front() != '.';
        if (!linked) give(entry.path(), user);
    }
    // Another user of the same group has no business in it.
    fs::permissions(folder_, fs::perms::owner_all);
    std::error_code left;
    removeTree(to, left);
    // A folder of somebody else's cannot be moved: the top is given away last.
    fs::rename(folder_, to);
    folder_ = to;
    give(folder_, user);
}

}  // namespace iac::repository

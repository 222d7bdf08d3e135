// A checkout for one deployment.
#include <system_error>

#include "base/log.hpp"
#include "repository/git.hpp"
#include "repository/mirror.hpp"

namespace iac::repository {
namespace fs = std::filesystem;
namespace {

// Never follows a link: a link is removed, not what it points to.
void removeFolder(const fs::path& folder) {
    std::error_code failed;
    fs::remove_all(folder, failed);
    if (!failed) return;
    // A task may leave folders that may not be written; links are passed over here too.
    std::error_code ignored;
    const auto passing = fs::directory_options::skip_permission_denied;
    if (!fs::is_symlink(folder, ignored))
        fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add, ignored);
    for (fs::recursive_directory_iterator at(folder, passing, ignored), end; at != end;
         at.increment(ignored)) {
        if (at->is_directory(ignored) && !at->is_symlink(ignored))
            fs::permissions(at->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
    }
    fs::remove_all(folder, failed);
    if (failed)
        log::warning("repository", "the work tree " + folder.string() + " cannot be removed: " +
                                       failed.message() + "; remove it by hand");
}

// A repository of its own that borrows the mirror's objects: what a task does with git in it stays
// in it, and making it copies nothing. `origin` is the remote without its credentials, never the
// mirror: a push would change that.
void checkOut(const Git& git, const fs::path& mirror, const std::string& revision,
              const fs::path& folder, const Cancellation* cancel) {
    const auto tell = [&](std::vector<std::string> arguments) {
        git.tell({std::move(arguments), {}, Duration{0}, cancel});
    };
    const std::string own = "--git-dir=" + (folder / ".git").string();
    const std::string tree = "--work-tree=" + folder.string();
    tell({"clone", "--quiet", "--shared", "--no-checkout", "--template=", "--no-recurse-submodules",
          "--", mirror.string(), folder.string()});
    tell({own, "config", "remote.origin.url", git.remote().text});
    tell({own, tree, "checkout", "--quiet", "--force", "--detach", "--no-recurse-submodules",
          revision, "--"});
}

}  // namespace

WorkTree::WorkTree(const Mirror& mirror, std::string_view revision, const fs::path& folder,
                   const Cancellation* cancel)
    : folder_(fs::absolute(folder).lexically_normal()) {
    if (!mirror.has(revision))
        throw GitFailed("ref_not_found", "the mirror has no commit \"" + std::string(revision) +
                                             "\", so there is nothing to check out");
    try {
        removeFolder(folder_);
        fs::create_directories(folder_.parent_path());
        checkOut(Git(mirror.settings()), fs::absolute(mirror.settings().folder),
                 std::string(revision), folder_, cancel);
    } catch (const fs::filesystem_error& reason) {
        const bool full = reason.code() == std::errc::no_space_on_device;
        throw GitFailed(
            full ? "disk_full" : "git_failed",
            "a work tree cannot be made in " + folder_.string() + ": " + reason.code().message());
    } catch (...) {
        removeFolder(folder_);
        throw;
    }
}

WorkTree::~WorkTree() {
    removeFolder(folder_);
}

void removeWorkTrees(const fs::path& folder) {
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(folder, missing)) removeFolder(entry.path());
}

}  // namespace iac::repository

#include "engine/step_folders.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/log.hpp"
#include "base/remove_tree.hpp"
#include "engine/task_environment.hpp"

namespace iac::engine {
namespace fs = std::filesystem;
namespace {

constexpr auto kSameUser = static_cast<uid_t>(-1);
constexpr auto kSameGroup = static_cast<gid_t>(-1);
constexpr mode_t kOwnerOnly = S_IRWXU;
constexpr mode_t kGroupPassesThrough = S_IRWXU | S_IXGRP;
constexpr mode_t kAllPassThrough = S_IRWXU | S_IXGRP | S_IXOTH;

void check(int result, const char* what, const fs::path& where) {
    if (result != 0)
        throw fs::filesystem_error(what, where, std::error_code(errno, std::generic_category()));
}

void makeFolder(const fs::path& folder, mode_t mode) {
    fs::create_directories(folder);
    check(::chmod(folder.c_str(), mode), "cannot change the mode", folder);
}

// A link that stands in its place stays what it is.
void give(const fs::path& path, const UserIds& to) {
    check(::lchown(path.c_str(), to.uid, to.gid), "cannot change the owner", path);
}

}  // namespace

// Each folder on the way belongs to the runner, so that nobody else can put a link into its place.
fs::path stepFolder(const fs::path& data, const Account* user) {
    if (user == nullptr) return data;
    const fs::path users = data / "users", own = users / std::to_string(user->ids.uid);
    makeFolder(data, kAllPassThrough);
    makeFolder(users, kAllPassThrough);
    fs::create_directories(own);
    check(::lchown(own.c_str(), kSameUser, user->ids.gid), "cannot change the group", own);
    check(::chmod(own.c_str(), kGroupPassesThrough), "cannot change the mode", own);
    for (const char* part : {"work", "scratch"}) makeFolder(own / part, kAllPassThrough);
    return own;
}

void removeStepFolders(const fs::path& data) {
    for (const char* part : {"work", "scratch", "users"}) repository::removeWorkTrees(data / part);
}

Scratch::Scratch(const fs::path& data, StepId step, int attempt, const Account* user)
    : folder_(stepFolder(data, user) / "scratch" /
              (std::to_string(step) + "-" + std::to_string(attempt))) {
    std::error_code left;
    removeTree(folder_, left);
    makeFolder(folder_, kOwnerOnly);
    if (user == nullptr) return;
    give(folder_, user->ids);
    owner_ = user->ids.uid;
}

Scratch::~Scratch() {
    std::error_code left;
    removeTree(folder_, left);
    if (left) log::warning("engine", "cannot remove " + folder_.string() + ": " + left.message());
}

void Scratch::takeBack() const noexcept {
    if (!owner_) return;
    // The folder first: then nobody can replace what is in it. Another process of that user may
    // still run.
    if (::lchown(folder_.c_str(), ::geteuid(), kSameGroup) != 0 ||
        ::chmod(folder_.c_str(), kOwnerOnly) != 0)
        return;
    const fs::path output = taskOutputFile(folder_);
    struct stat status {};
    // A file that has another name somewhere (a hard link) is not the step's output alone: it stays
    // whose it is.
    if (::lstat(output.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1 &&
        status.st_uid == *owner_ && ::lchown(output.c_str(), ::geteuid(), kSameGroup) == 0)
        ::chmod(output.c_str(), S_IRUSR | S_IWUSR);
}

fs::path WorkTrees::privatePlace(const fs::path& data, DeploymentId id) {
    return fs::absolute(data) / "work" / std::to_string(id);
}

WorkTrees::WorkTrees(fs::path data, DeploymentId id, Tree first, Make make)
    : data_(fs::absolute(data)),
      id_(id),
      make_(std::move(make)),
      trees_(Trees{std::move(first), {}}) {}

// Beside the runner's own tree, which may be in use.
fs::path WorkTrees::buildPlace(const Account& user) const {
    return privatePlace(data_, id_).string() + "-" + std::to_string(user.ids.uid);
}

const fs::path& WorkTrees::folderFor(const Account* user) {
    const auto key = user == nullptr ? std::nullopt : std::optional(user->ids.uid);
    auto trees = trees_.lock();
    if (const auto known = trees->by_user.find(key); known != trees->by_user.end())
        return known->second->folder();
    Tree tree = trees->unclaimed
                    ? std::exchange(trees->unclaimed, nullptr)
                    : make_(user == nullptr ? privatePlace(data_, id_) : buildPlace(*user));
    if (user != nullptr) {
        try {
            tree->giveTo(user->ids, stepFolder(data_, user) / "work" / std::to_string(id_));
        } catch (const fs::filesystem_error& reason) {
            throw repository::GitFailed(
                reason.code() == std::errc::no_space_on_device ? "disk_full" : "git_failed",
                "the work tree cannot be given to the user \"" + user->name +
                    "\": " + reason.code().message() + ": " + reason.path1().string());
        }
    }
    return trees->by_user.emplace(key, std::move(tree)).first->second->folder();
}

}  // namespace iac::engine

#include "repository/store.hpp"

#include <chrono>
#include <system_error>

#include "base/log.hpp"

namespace iac::repository {
namespace fs = std::filesystem;
namespace {

// A fetch adds a pack or a hundred objects at most, and `git gc --auto` has nothing to do before
// there are fifty or 6,700: it need not be asked each time.
constexpr unsigned kFetchesBetweenTidying = 16;

// Ours, beside those of the remote; never pruned by a fetch, which prunes heads and tags only.
const std::vector<std::string> kRefspecs{"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"};

fs::path beside(const fs::path& folder, const char* ending) {
    return folder.parent_path() / (folder.filename().string() + ending);
}

// The mirror is of SHA-1 and the remote of SHA-256, or the other way round.
bool saysOtherFormat(std::string_view message) {
    return message.find("mismatched algorithms") != std::string_view::npos;
}

}  // namespace

/// The right to change the repository, until it ends.
class IAC_SCOPED_CAPABILITY Store::Turn {
public:
    Turn(Store& store, const Cancellation* cancel) IAC_ACQUIRES(store.turn_) : store_(store) {
        // Looked at now and then: a cancellation cannot ring a condition variable.
        constexpr std::chrono::milliseconds kLook{50};
        auto taken = store_.taken_.lock();
        while (!taken.waitUntil(store_.given_back_, std::chrono::steady_clock::now() + kLook,
                                [](bool is_taken) { return !is_taken; })) {
            if (cancel != nullptr && cancel->requested())
                throw GitFailed("cancelled",
                                "git was not run, because the deployment was cancelled");
        }
        *taken = true;
    }
    ~Turn() IAC_RELEASES() {
        *store_.taken_.lock() = false;
        store_.given_back_.notify_one();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    Store& store_;
};

Store::Store(const Git& git, const fs::path& folder)
    : git_(git), folder_(fs::absolute(folder).lexically_normal()) {}

std::string Store::gitDir(const fs::path& folder) {
    return "--git-dir=" + folder.string();
}

bool Store::exists() const {
    std::error_code ignored;
    return fs::exists(folder_, ignored);
}

bool Store::fetch(const Cancellation* cancel) try {
    const Turn turn(*this, cancel);
    if (isBroughtUpToDate(cancel)) {
        if (fetches_++ % kFetchesBetweenTidying != 0) return false;
        collectGarbage();
    } else {
        make(cancel);
    }
    return true;
} catch (const fs::filesystem_error& reason) {
    const bool full = reason.code() == std::errc::no_space_on_device;
    throw GitFailed(full ? "disk_full" : "git_failed",
                    std::string("the mirror of the repository cannot be written: ") +
                        reason.code().message() + ": " + reason.path1().string());
}

// False: it is not there, or damaged.
bool Store::isBroughtUpToDate(const Cancellation* cancel) {
    if (!exists() || !isOurs()) return false;
    removeStaleLocks();
    if (suspected_ && !isWhole()) return false;
    suspected_ = false;
    try {
        // A fetch looks itself whether every ref leads to an object that is there, and says so.
        return !saysDamaged(fetchInto(folder_, cancel)) || isWhole();
    } catch (const GitFailed& fault) {
        if (fault.kind() == "cancelled" || fault.kind() == "git_timeout") throw;
        if (fault.kind() == "git_failed" && saysDamaged(fault.what())) return false;
        if (saysOtherFormat(fault.what())) return false;
        if (isWhole()) throw;
        return false;
    }
}

// Anew, beside the old one, which is moved away only when the new one is whole: an unreachable
// remote takes nothing from us. One damaged mirror is kept, for whoever wants to know.
void Store::make(const Cancellation* cancel) {
    const fs::path fresh = beside(folder_, ".new"), damaged = beside(folder_, ".damaged");
    fs::create_directories(folder_.parent_path());
    try {
        fetchAnew(fresh, cancel);
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(fresh, ignored);
        throw;
    }
    if (exists()) {
        log::warning("repository", "the mirror in " + folder_.string() +
                                       " is damaged, or of another repository; it is moved to " +
                                       damaged.string() + " and made anew");
        fs::remove_all(damaged);
        fs::rename(folder_, damaged);
    }
    fs::rename(fresh, folder_);
    suspected_ = false;
}

// The remote says which kind of object names it has only by refusing the other one.
void Store::fetchAnew(const fs::path& fresh, const Cancellation* cancel) const {
    const auto fetch = [&](const char* format) {
        fs::remove_all(fresh);
        git_.tell({{"init", "--quiet", "--bare", "--template=", "--initial-branch=main",
                    std::string("--object-format=") + format, "--", fresh.string()},
                   {},
                   Duration{0},
                   cancel});
        // The data folder may be passed through by users that steps run as.
        fs::permissions(fresh, fs::perms::owner_all);
        fetchInto(fresh, cancel);
    };
    try {
        fetch("sha1");
    } catch (const GitFailed& fault) {
        if (!saysOtherFormat(fault.what())) throw;
        fetch("sha256");
    }
}

// What git said meanwhile.
std::string Store::fetchInto(const fs::path& folder, const Cancellation* cancel) const {
    GitCall call{{gitDir(folder), "fetch", "--quiet", "--prune", "--no-tags", "--force",
                  "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance",
                  "--end-of-options", git_.remote().text},
                 {},
                 Duration{0},
                 cancel,
                 true};
    call.arguments.insert(call.arguments.end(), kRefspecs.begin(), kRefspecs.end());
    GitAnswer answer = git_.ask(call);
    if (answer.code != 0) throw git_.fault(call, answer);
    refuseShallow(answer.err);
    return std::move(answer.err);
}

// git leaves out every branch whose history ends at a cut, and calls that a success.
void Store::refuseShallow(const std::string& said) const {
    if (said.find("shallow roots are not allowed") == std::string::npos) return;
    throw GitFailed("git_failed",
                    "git fetch of " + git_.remote().text +
                        " failed: the repository is a shallow clone, without the history that the "
                        "runner compares; run \"git fetch --unshallow\" in it, or set "
                        "repository.url to one that is complete");
}

// Without its configuration git does not take it for a repository, and this runner makes none that
// borrows the objects of another: then somebody else was here.
bool Store::isOurs() const {
    std::error_code missing;
    const auto size = fs::file_size(folder_ / "config", missing);
    return !missing && size > 0 && !fs::exists(folder_ / "objects/info/alternates", missing);
}

// Every ref leads to an object that is there. A whole fsck would read everything, each time; what
// this misses shows in a read, which says so by suspect().
bool Store::isWhole() const {
    GitCall call{{gitDir(), "for-each-ref", "--format=%(objecttype)"}};
    if (suspected_) call.arguments = {gitDir(), "fsck", "--connectivity-only", "--no-dangling"};
    const GitAnswer answer = git_.ask(call);
    return answer.code == 0 && !saysDamaged(answer.err);
}

// Whoever changes the mirror has its turn, and a data folder has one runner: a lock file that lies
// here now was left by a git that was killed.
void Store::removeStaleLocks() const {
    const auto remove = [](const fs::directory_entry& entry) {
        if (entry.path().extension() != ".lock" || !entry.is_regular_file()) return;
        fs::remove(entry.path());
        log::warning("repository",
                     "removed a lock that a killed git left: " + entry.path().string());
    };
    for (const auto& entry : fs::directory_iterator(folder_)) remove(entry);
    for (const char* part : {"refs", "objects/info"}) {
        std::error_code missing;
        const fs::recursive_directory_iterator entries(folder_ / part, missing);
        for (const auto& entry : entries) remove(entry);
    }
}

void Store::collectGarbage() const {
    const GitCall call{{gitDir(), "gc", "--auto", "--quiet"}};
    if (const GitAnswer answer = git_.ask(call); answer.code != 0)
        log::warning("repository", git_.fault(call, answer).what());
}

void Store::changeRefs(const std::function<std::string()>& lines) {
    const Turn turn(*this, nullptr);
    if (const std::string changes = lines(); !changes.empty())
        git_.tell({{gitDir(), "update-ref", "--stdin"}, changes});
}

}  // namespace iac::repository

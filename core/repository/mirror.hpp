#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/account.hpp"
#include "base/cancellation.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"

namespace iac::repository {

/// git could not do what was asked. what() is a sentence without credentials; kind says what sort
/// of fault: "git_unreachable", "git_authentication", "ref_not_found", "disk_full", "git_timeout",
/// "cancelled", "too_large", "git_failed".
class GitFailed : public std::runtime_error {
public:
    GitFailed(std::string kind, const std::string& message)
        : std::runtime_error(message), kind_(std::move(kind)) {}
    const std::string& kind() const noexcept { return kind_; }

private:
    std::string kind_;
};

/// A name that a branch and a tag share, at different commits. what() names both.
class AmbiguousRef : public GitFailed {
public:
    explicit AmbiguousRef(const std::string& message) : GitFailed("ref_ambiguous", message) {}
};

/// Whether a text can be the name of a branch or tag (git check-ref-format's rules, and no leading
/// dash), or a full SHA. What is not never reaches a command line.
bool isValidRef(std::string_view ref);

/// Why a ref that was asked for is not there, in a sentence: "there is no tag ...". It says so when
/// the text looks like the SHA of a commit in a spelling that is not looked up. `tag`: the same,
/// when it was asked for as a tag.
std::string noSuchRef(std::string_view ref, std::string_view tag = {});

/// Who logs in at an https remote.
struct Login {
    std::string username = "git";
    Secret password;  ///< empty: no login, unless the url has one
};

struct MirrorSettings {
    std::string url;  ///< https, ssh, file or a path
    std::string branch = "main";
    std::filesystem::path folder;  ///< the bare repository; made by the first fetch
    Duration timeout{300'000};     ///< of one git operation
    Login login = {};
    std::uint64_t most_files = 500'000;     ///< of one revision
    std::uint64_t most_bytes = 4ull << 30;  ///< of one revision, checked out
    bool strict_fsck = false;  ///< refuses also faults of old commits that break nothing
};

/// The bare mirror of the repository, and the work trees taken from it. git runs as against an
/// enemy: no hooks, no configuration of the system or the user, only the transports https, ssh and
/// file, no prompts, refs checked and behind --end-of-options. [any-thread]: fetches are
/// serialized, reads go side by side, lanes share one mirror.
class Mirror {
public:
    explicit Mirror(MirrorSettings settings);
    ~Mirror();

    /// The same remote with this login, or else the user and password of this url, from the next
    /// fetch on. Throws GitFailed when they cannot be told from the rest.
    void logIn(const std::string& url, const Login& login = {});

    /// Makes the mirror if it is not there (or is damaged: then anew), and fetches branches and
    /// tags; now and then git tidies it up. Throws GitFailed.
    void fetch(const Cancellation* cancel = nullptr);

    /// The full commit SHA of a ref (full SHA, branch, tag, refs/...), a tag peeled. Empty means
    /// the configured branch. When a branch and a tag share a name, the configured branch wins for
    /// its name; any other one is ambiguous, unless both are the same commit. `refs/...` is exact.
    /// Empty answer: the mirror does not know it, as of its last fetch. Throws GitFailed,
    /// AmbiguousRef.
    std::optional<std::string> resolve(std::string_view ref) const;
    /// The same of a branch or tag that the remote has now (git ls-remote), within `timeout`. The
    /// empty text: it has none. Empty answer: it could not be asked in time, or not for a commit.
    /// Throws AmbiguousRef.
    std::optional<std::string> remoteRevision(std::string_view ref, Duration timeout,
                                              const Cancellation* cancel = nullptr) const;

    /// Throws GitFailed ("too_large") when the files of a commit are more than the settings allow,
    /// by number or size. Asked for once; then it is known.
    void requireWithinLimits(std::string_view revision, const Cancellation* cancel = nullptr) const;
    /// Every path in the tree of a commit, sorted. Throws GitFailed, also when they are too many.
    std::vector<std::string> paths(std::string_view revision) const;
    /// git diff --no-renames --name-only -z base revision. Throws GitFailed, also when base is not
    /// there.
    std::vector<std::string> changedPaths(std::string_view base, std::string_view revision) const;
    bool has(std::string_view revision) const;
    /// The same without asking git: whether it was seen since it could last be forgotten. False
    /// says nothing.
    bool isKnown(std::string_view revision) const;
    bool isAncestor(std::string_view ancestor, std::string_view revision) const;
    /// First line of the commit message. Throws GitFailed.
    std::string subject(std::string_view revision) const;

    /// Keeps these commits from being forgotten by git (refs/iac-runner/keep/SHA), and lets go of
    /// the others. Commits the mirror does not have are passed over. `revisions` is called when
    /// nobody else pins: a list that was read before could let go of what another pin has kept
    /// since. Throws GitFailed, and what `revisions` throws.
    void pin(const std::function<std::vector<std::string>()>& revisions);

    /// True once a fetch has succeeded in this process, and the last one did: for GET /health.
    bool healthy() const noexcept;

    const MirrorSettings& settings() const noexcept;

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

/// A checkout of exactly one commit, in a folder of its own, with a repository of its own: what a
/// task changes in it changes nothing else. Removed by the destructor.
class WorkTree {
public:
    /// Throws GitFailed.
    WorkTree(const Mirror& mirror, std::string_view revision, const std::filesystem::path& folder,
             const Cancellation* cancel = nullptr);
    ~WorkTree();
    WorkTree(const WorkTree&) = delete;
    WorkTree& operator=(const WorkTree&) = delete;
    const std::filesystem::path& folder() const noexcept { return folder_; }

    /// Gives the tree, which nobody else could reach so far, to a user, and moves it to `to`, where
    /// that user can. The mirror's objects are not borrowed any more: they are linked, because the
    /// user cannot enter the mirror. Throws GitFailed, std::filesystem::filesystem_error.
    void giveTo(const UserIds& user, const std::filesystem::path& to);

private:
    std::filesystem::path folder_;
    std::filesystem::path objects_;  ///< of the mirror
};

/// Removes what earlier runs left in the folder of work trees. Never follows a link out of it; when
/// the folder itself is a link, it removes nothing and logs what to do.
void removeWorkTrees(const std::filesystem::path& folder);

}  // namespace iac::repository

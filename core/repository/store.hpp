#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <string>

#include "base/guarded.hpp"
#include "base/mutex.hpp"
#include "repository/git.hpp"

namespace iac::repository {

/// The bare repository on disk: made, brought up to date, mended. The one who changes it has its
/// turn; reads need none. [any-thread]
class Store {
public:
    Store(const Git& git, const std::filesystem::path& folder);

    /// Makes it, or brings it up to date. True: objects that were there before may be gone, as they
    /// also may when it throws GitFailed.
    bool fetch(const Cancellation* cancel);
    /// Changes refs by lines of git update-ref --stdin, asked for when nobody else changes any.
    /// Throws GitFailed.
    void changeRefs(const std::function<std::string()>& lines);

    /// A read met an object that is not there or not whole: the next fetch looks closer.
    void suspect() noexcept { suspected_ = true; }
    bool exists() const;
    /// "--git-dir=...", the first argument of every call about it.
    std::string gitDir() const { return gitDir(folder_); }
    const std::filesystem::path& folder() const noexcept { return folder_; }

private:
    class Turn;

    static std::string gitDir(const std::filesystem::path& folder);
    bool isBroughtUpToDate(const Cancellation* cancel) IAC_REQUIRES(turn_);
    void make(const Cancellation* cancel) IAC_REQUIRES(turn_);
    void fetchAnew(const std::filesystem::path& fresh, const Cancellation* cancel) const;
    std::string fetchInto(const std::filesystem::path& folder, const Cancellation* cancel) const;
    void refuseShallow(const std::string& said) const;
    bool isOurs() const;
    bool isWhole() const;
    void removeStaleLocks() const IAC_REQUIRES(turn_);
    void collectGarbage() const IAC_REQUIRES(turn_);

    const Git& git_;
    const std::filesystem::path folder_;
    Guarded<bool> taken_{false};
    std::condition_variable given_back_;
    std::atomic<bool> suspected_{false};
    ThreadRole turn_;                             ///< of the thread that has a Turn
    unsigned fetches_ IAC_GUARDED_BY(turn_) = 0;  ///< into this folder, in this process
};

}  // namespace iac::repository

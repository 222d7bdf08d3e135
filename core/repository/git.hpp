#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.hpp"
#include "base/process.hpp"
#include "repository/mirror.hpp"
#include "repository/remote_url.hpp"

namespace iac::repository {

/// One call of git.
struct GitCall {
    std::vector<std::string> arguments;  ///< behind "git"
    std::string input{};                 ///< its standard input
    Duration timeout{0};                 ///< 0: the settings'
    const Cancellation* cancel = nullptr;
    bool network = false;  ///< talks to the remote: gets what it needs to log in there
    /// Gets its standard output as it comes, which then is not kept. What it throws stops git and
    /// is thrown on.
    std::function<void(std::string_view bytes)> take{};
};

struct GitAnswer {
    int code = 0;
    std::string out, err;
};

/// Runs git as against an enemy: what a repository, the user's or the system's configuration could
/// make it do is switched off. [any-thread]
///
/// How credentials get in, since that configuration is off: with https from the settings, the url
/// or $HOME/.netrc; with ssh from the keys and known hosts in $HOME/.ssh or the agent of the
/// daemon's environment. Whoever needs more (a credential helper, a deploy key, a proxy) sets
/// GIT_SSH_COMMAND, or GIT_CONFIG_GLOBAL to a file, in the daemon's environment: an act of the
/// operator, which calls to the remote respect, and only they.
class Git {
public:
    explicit Git(const MirrorSettings& settings);

    /// The answer, whatever its exit code. Throws GitFailed when git cannot be started, and stops
    /// it when it is cancelled, takes too long or prints too much.
    GitAnswer ask(const GitCall& call) const;
    /// Its output. Throws GitFailed also when the exit code is not 0.
    std::string tell(const GitCall& call) const;
    /// What a failed call means.
    GitFailed fault(const GitCall& call, const GitAnswer& answer) const;

    const RemoteUrl& remote() const noexcept { return remote_; }
    /// Logs in with this, or else with the user and password of this url, from the next call on.
    /// Throws GitFailed.
    void logIn(const std::string& url, const Login& login);

private:
    std::vector<std::string> environment(bool network) const;

    const RemoteUrl remote_;
    const bool strict_fsck_;
    mutable Guarded<RemoteUrl> login_;  ///< its credentials are those in use
    const Duration timeout_;
};

/// "git fetch".
std::string nameOf(const GitCall& call);

/// Whether git's message says that the repository on our disk is broken.
bool saysDamaged(std::string_view message);

}  // namespace iac::repository

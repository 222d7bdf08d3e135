#pragma once

#include <filesystem>
#include <string>

#include "config/settings.hpp"
#include "history/history.hpp"
#include "model/deployment.hpp"

namespace iac::notify {

/// What a notifier is told beside the deployment, the same for every message.
struct Surroundings {
    std::string repository_url;  ///< without user and password
    std::string repository_web;  ///< "https://github.com/owner/name"; empty: it has no pages
    std::string public_url;      ///< of the runner; may be empty
    std::filesystem::path data;  ///< where the logs of steps lie
};
Surroundings surroundingsOf(const config::Settings& settings);

/// One message, as a notifier gets it.
struct News {
    std::string notification;  ///< the same for every attempt to deliver it
    std::string event;         ///< "deployment.finished"
    bool sample = false;
    const Deployment& deployment;   ///< with its steps
    std::string previous_revision;  ///< what was good before; may be empty
    std::string log_tail;           ///< of the failed step; may be empty
    std::string memory;             ///< what the notifier asked to remember; may be empty
};
/// The input of a notifier, as JSON text: see "notifier" in sdk/README.md.
std::string inputOf(const News& news, const Surroundings& surroundings);

/// Bytes of log_tail, at most.
inline constexpr std::size_t kLogTail = 4u << 10;
/// The end of what the first failed step printed in its last attempt: whole lines, where there is
/// one that short, and valid UTF-8. Empty: no step failed, or its log is gone.
std::string logTail(const std::filesystem::path& data, const Deployment& deployment);

/// The revision that was good before a deployment, for the link that compares the two: of its
/// services (the first kMostCompared) the one that was deployed longest ago. Empty: there is none,
/// or it is the same. Throws history::Unavailable.
std::string previousRevision(history::History& history, const Deployment& deployment);
inline constexpr std::size_t kMostCompared = 16;

/// The url without user and password.
std::string withoutUser(const std::string& url);
/// The pages of a repository, from its https, ssh or scp-like url: "git@github.com:owner/name.git"
/// is "https://github.com/owner/name". Empty for a path.
std::string webAddress(const std::string& url);

}  // namespace iac::notify

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iac {

/// Ids are given out by the history, grow, and are never used twice. 0 is no id.
using EventId = std::int64_t;
using DeploymentId = std::int64_t;
using StepId = std::int64_t;

/// What an event asks for.
enum class EventKind {
    change,   ///< a push: its paths decide what is deployed; a newer one takes over the waiting one
    request,  ///< someone named an environment and services: kept in order, never merged
};

/// Something happened: what a trigger made of a request. A plain value.
struct Event {
    std::string trigger;  ///< the trigger's name in the configuration: "github"
    EventKind kind = EventKind::request;
    std::string delivery;  ///< the sender's id, empty when it has none
    std::string
        body_digest;  ///< SHA-256 of the body, hex: delivery ids are unsigned, the body is not
    std::string environment;  ///< where to: "staging"
    std::string ref;          ///< what was asked for: "refs/heads/main", "v1.2.4", a full SHA
    std::string tag;          ///< the same, when it was asked for as a tag
    std::string revision;     ///< the full SHA where the sender said it, else empty
    std::string before;       ///< a change: the full SHA before it, else empty
    std::vector<std::string> paths;  ///< a change: the paths it touched, as far as the sender says
    bool paths_complete = false;     ///< a change: whether `paths` is known to be all of them
    std::vector<std::string> services;  ///< a request: full ids; empty: all of the environment
    std::string triggered_by;           ///< who: "octocat"
    std::string subject;                ///< first line of the commit message, when known
    bool dry_run = false;
    std::int64_t retry_of = 0;     ///< the deployment whose failed steps are asked for again
    std::int64_t rollback_of = 0;  ///< the deployment that is taken back: holds do not stop it
};

/// Whether a text is the full SHA of a commit, as git prints it.
inline bool isFullSha(std::string_view text) {
    return (text.size() == 40 || text.size() == 64) &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// What to look for in the repository: a ref that was asked for as a tag must not be found as a
/// branch.
inline std::string askedRef(const std::string& ref, const std::string& tag) {
    return tag.empty() ? ref : "refs/tags/" + tag;
}

}  // namespace iac

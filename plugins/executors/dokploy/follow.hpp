// From asking for a deployment to knowing what became of it.
#pragma once

#include <string>

#include "sighting.hpp"

namespace iac::dokploy {

/// How following ended.
enum class End {
    done,
    error,
    cancelled,
    never_appeared,  // seen nowhere since it was asked for
    vanished,        // it waited in the queue, and is gone without a row: Dokploy was restarted
    row_gone,        // its row was seen, and is gone
    too_late,        // the deadline came while it waited or ran
    unknown,         // the deadline came while Dokploy did not answer
};

/// What is being followed.
struct Followed {
    Place place;
    std::string title;
    Before before;
    bool overwrites = false;
    bool queue_shown = true;  // Dokploy 0.28.3 and later
    bool logs_shown = true;   // Dokploy 0.29.6 and later
};

struct Ending {
    End end = End::unknown;
    std::string id = {};      // the deploymentId; empty: none was ever seen
    std::string commit = {};  // that Dokploy took, where it fetched the files from git
    bool was_running = false;
    std::string last_line = {};  // of its log, as far as it was read
};

/// Looks until it has ended, is lost, or `deadline` seconds are over. What it prints goes to the
/// log of the step meanwhile. A failure of Dokploy to answer is waited out; a refusal (a spent key)
/// is iac::fail at once, and says that the outcome is not known.
Ending follow(Api& api, const Server& server, const Followed& followed);

/// The same, but looks only for `seconds`: empty when there is no trace of it.
bool isThere(Api& api, const Server& server, const Followed& followed, double seconds);

}  // namespace iac::dokploy

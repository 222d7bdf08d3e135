#include "conclusion.hpp"

namespace iac::dokploy {
namespace {

std::string named(const Ending& ending, const Place& place) {
    return "Dokploy's deployment " + ending.id + (ending.id.empty() ? "of " : " of ") + place.name;
}

std::string seconds(double number) {
    return std::to_string(static_cast<long>(number)) + " s";
}

}  // namespace

void failWith(const Ending& ending, const Place& place, const Server& server) {
    switch (ending.end) {
        case End::error:
            fail(named(ending, place) + " ended with an error" +
                     (ending.last_line.empty() ? "" : ": " + ending.last_line),
                 {"deployment_failed",
                  "Its log is in the log of this step, and in Dokploy under Deployments: correct "
                  "what "
                  "it names, and push."});
        case End::cancelled:
            fail(named(ending, place) + " was cancelled",
                 {"deployment_cancelled",
                  "Somebody cancelled it, or Dokploy was restarted while it ran: retry the "
                  "deployment."});
        case End::never_appeared:
            retry("The deployment of " + place.name + " was asked for, and has not appeared in " +
                      seconds(server.appear),
                  {"deployment_never_appeared",
                   "Dokploy was restarted at that moment, or did not get the request: nothing was "
                   "deployed; retry the deployment."});
        case End::vanished:
            retry("The deployment of " + place.name +
                      " waited in Dokploy's queue, and is gone without having begun",
                  {"deployment_vanished",
                   "Dokploy was restarted, or somebody emptied its queue: nothing was deployed; "
                   "retry "
                   "the deployment."});
        case End::row_gone:
            fail(named(ending, place) + " is not listed any more: what became of it is not known",
                 {"deployment_lost", "See in Dokploy what runs, and retry the deployment."});
        case End::too_late:
            fail("The deployment of " + place.name +
                     (ending.was_running ? " still runs in Dokploy after "
                                         : " has not begun in Dokploy after ") +
                     seconds(server.deadline) + "; it goes on there, and nobody watches it",
                 {"deployment_unfinished",
                  "See in Dokploy what it waits for; `deadline` of the executor says how long it "
                  "may "
                  "take."});
        default:
            retry("Dokploy does not answer since the deployment of " + place.name +
                      " was asked for: what became of it is not known",
                  {"dokploy_unreachable",
                   "See that Dokploy runs, and retry the deployment: it finds what became of it."});
    }
}

void failWithUnknownRevision(const Ending& ending, const Place& place, const Server& server) {
    fail(named(ending, place) + " is done, and has not said within " + seconds(server.patience) +
             " which commit it took",
         {"unknown_revision",
          "See in Dokploy under Deployments which commit runs; then retry the deployment, or let "
          "the "
          "runner send the file (source: runner)."});
}

void failWithOtherRevision(const Ending& ending, const Place& place, const std::string& revision) {
    fail(named(ending, place) + " took commit " + ending.commit + ", not " + revision,
         {"other_revision",
          "Dokploy takes the head of the branch its source names. It has moved on, and its own "
          "deployment follows; or the branch is another one: set it in Dokploy, or let the runner "
          "send the file (source: runner)."});
}

}  // namespace iac::dokploy

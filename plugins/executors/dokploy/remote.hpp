// A service in Dokploy: found by its names, read, and written. A compose service and an application
// differ in the names of their procedures, and in how their environment is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api.hpp"

namespace iac::dokploy {

/// Where a service is.
struct Place {
    Kind kind = Kind::compose;
    std::string id;    // empty: not there yet (a dry run with `create`)
    std::string name;  // for sentences: "postgres in platform/production"
};

/// What of its row concerns us. Nothing else is kept: rows hold secrets of others.
struct Remote {
    std::string app_name;  // "postgres-mixd7w"
    std::string environment;
    std::string compose_file;
    std::string source;         // "raw", "git", "github", ...
    std::string status;         // idle, running, done, error
    std::string server;         // the id of the server it runs on; empty: Dokploy's own
    bool source_chosen = true;  // false: just made, nobody has said yet where it comes from
    bool auto_deploy = false;
    // Of an application: saved together with its environment, or lost.
    std::string build_args = "null", build_secrets = "null";  // as JSON
    bool create_env_file = true;

    /// Whether Dokploy overwrites the title of a deployment with the subject of the commit.
    bool overwritesTitles() const { return source != "raw" && source != "docker"; }
};

/// One row of the list of deployments.
struct Row {
    std::string id, title, description, status, created;
    /// The commit Dokploy took, once it has written it over the description; else empty.
    std::string commit() const;
};

/// One job of Dokploy's queue.
struct Job {
    std::string title;
    bool waiting = true;  // false: it is being carried out
};

/// The service that the settings name. Not there: made, when `create` says so (in a dry run it is
/// only said), or iac::fail with what is there instead.
Place find(Api& api, const Service& service, bool dry_run, double patience);

/// iac::fail when it is not there any more.
Remote read(Api& api, const Place& place);

/// What is to be written; empty members stay as they are.
struct Change {
    std::string environment;
    std::optional<std::string> compose_file;
};
/// Writes, and sees in Dokploy's answer or by reading again that it is there. `was`: as read just
/// before. False: somebody else's environment is there instead.
bool write(Api& api, const Place& place, const Remote& was, const Change& change);

/// Switches off Dokploy's own deployments at every push.
void switchAutoDeployOff(Api& api, const Place& place);

/// The deployments of a service, newest first; at most about eleven. false: no answer.
bool lookAtRows(Api& api, const Place& place, std::vector<Row>& rows);
/// Its jobs in the queue. false: no answer.
bool lookAtJobs(Api& api, const Place& place, std::vector<Job>& jobs);
/// Asks for a deployment, once.
Api::Sent askToDeploy(Api& api, const Place& place, const std::string& title,
                      const std::string& description);

/// "composeId" or "applicationId".
const char* idName(Kind kind);
/// "compose.one": the procedure of that kind of service.
std::string procedureOf(Kind kind, const std::string& verb);

}  // namespace iac::dokploy

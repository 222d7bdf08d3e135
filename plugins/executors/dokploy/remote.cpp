#include "remote.hpp"

#include <algorithm>

namespace iac::dokploy {
namespace {

std::string textAt(const Value& row, const char* name) {
    return row.get<std::string>(name, "");
}

std::string jsonAt(const Value& row, const char* name) {
    const auto value = row.find<Value>(name);
    return value ? value->json() : "null";
}

[[noreturn]] void failAsGone(const Api& api, const Place& place) {
    fail(place.name + " is not in " + api.place() + " any more",
         {"missing_service", "Make it again in Dokploy, or correct `with` of the service."});
}

bool hasProvider(const Value& row) {
    for (const char* name : {"repository", "customGitUrl", "gitlabRepository",
                             "bitbucketRepository", "giteaRepository"})
        if (!textAt(row, name).empty()) return true;
    return false;
}

// An application's environment is saved with three other settings, which it would lose.
bool writeApplication(Api& api, const Place& place, const Remote& was, const Change& change) {
    Object body;
    body.set("applicationId", place.id).set("env", change.environment);
    body.raw("buildArgs", was.build_args).raw("buildSecrets", was.build_secrets);
    body.set("createEnvFile", was.create_env_file);
    api.update("application.saveEnvironment", body);
    return read(api, place).environment == change.environment;
}

}  // namespace

const char* idName(Kind kind) {
    return kind == Kind::compose ? "composeId" : "applicationId";
}

std::string procedureOf(Kind kind, const std::string& verb) {
    return (kind == Kind::compose ? "compose." : "application.") + verb;
}

Remote read(Api& api, const Place& place) {
    const auto row = api.query(procedureOf(place.kind, "one"), {{idName(place.kind), place.id}});
    if (!row || !row->isObject()) failAsGone(api, place);
    Remote remote;
    remote.app_name = textAt(*row, "appName");
    remote.environment = textAt(*row, "env");
    remote.compose_file = textAt(*row, "composeFile");
    remote.source = textAt(*row, "sourceType");
    remote.status =
        textAt(*row, place.kind == Kind::compose ? "composeStatus" : "applicationStatus");
    remote.server = textAt(*row, "serverId");
    remote.auto_deploy = row->get<bool>("autoDeploy", false);
    remote.source_chosen = remote.source == "raw" || remote.source == "docker" || hasProvider(*row);
    remote.build_args = jsonAt(*row, "buildArgs");
    remote.build_secrets = jsonAt(*row, "buildSecrets");
    remote.create_env_file = row->get<bool>("createEnvFile", true);
    return remote;
}

bool write(Api& api, const Place& place, const Remote& was, const Change& change) {
    if (place.kind == Kind::application) return writeApplication(api, place, was, change);
    Object body;
    body.set("composeId", place.id).set("env", change.environment);
    if (change.compose_file) body.set("sourceType", "raw").set("composeFile", *change.compose_file);
    // An empty answer is Dokploy's way of saying that there is no such service: reading it tells.
    api.update("compose.update", body);
    const Remote now = read(api, place);
    return now.environment == change.environment &&
           (!change.compose_file || now.compose_file == *change.compose_file);
}

void switchAutoDeployOff(Api& api, const Place& place) {
    Object body;
    body.set(idName(place.kind), place.id).set("autoDeploy", false);
    api.update(procedureOf(place.kind, "update"), body);
}

std::string Row::commit() const {
    constexpr std::string_view kCommit = "Commit: ";
    if (std::string_view(description).substr(0, kCommit.size()) != kCommit) return {};
    return description.substr(kCommit.size());
}

bool lookAtRows(Api& api, const Place& place, std::vector<Row>& rows) {
    std::optional<Value> list;
    const char* procedure =
        place.kind == Kind::compose ? "deployment.allByCompose" : "deployment.all";
    if (!api.look(procedure, {{idName(place.kind), place.id}}, list)) return false;
    if (!list) failAsGone(api, place);
    rows.clear();
    for (std::size_t i = 0; i < list->count(); ++i) {
        const Value one = (*list)[i];
        rows.push_back({textAt(one, "deploymentId"), textAt(one, "title"),
                        textAt(one, "description"), textAt(one, "status"),
                        textAt(one, "createdAt")});
    }
    // ISO 8601 in UTC: the order of the texts is that of the times.
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.created > b.created; });
    return true;
}

bool lookAtJobs(Api& api, const Place& place, std::vector<Job>& jobs) {
    std::optional<Value> list;
    if (!api.look("deployment.queueList", {}, list)) return false;
    jobs.clear();
    const std::string id = std::string("data/") + idName(place.kind);
    for (std::size_t i = 0; list && i < list->count(); ++i) {
        const Value one = (*list)[i];
        if (one.get<std::string>(id, "") == place.id)
            jobs.push_back({one.get<std::string>("data/titleLog", ""),
                            one.get<std::string>("state", "") != "active"});
    }
    return true;
}

Api::Sent askToDeploy(Api& api, const Place& place, const std::string& title,
                      const std::string& description) {
    Object body;
    body.set(idName(place.kind), place.id).set("title", title).set("description", description);
    return api.once(procedureOf(place.kind, "deploy"), body);
}

}  // namespace iac::dokploy

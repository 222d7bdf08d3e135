#include "fake_dokploy_json.hpp"

#include <sstream>

namespace iac::fakes {
namespace {

void nulls(Object& to, const char* names) {
    std::istringstream all(names);
    for (std::string name; all >> name;) to.raw(name, "null");
}

void setOrNull(Object& to, const char* name, const std::optional<std::string>& value) {
    if (value)
        to.set(name, *value);
    else
        to.raw(name, "null");
}

Object dataOf(const std::string& code, int status, const std::string& procedure) {
    Object data;
    data.set("code", code).set("httpStatus", status);
    if (!procedure.empty()) data.set("path", procedure);
    return data;
}

void addCompose(Object& row, const Dokploy::Service& service) {
    row.set("composeFile", service.compose_file).set("composeType", "docker-compose");
    nulls(row, "repository owner branch gitlabProjectId gitlabRepository gitlabOwner gitlabBranch");
    nulls(row, "gitlabPathNamespace bitbucketRepository bitbucketRepositorySlug bitbucketOwner");
    nulls(row, "bitbucketBranch giteaRepository giteaOwner giteaBranch customGitBranch");
    nulls(row, "customGitSSHKeyId icon watchPaths githubId gitlabId bitbucketId giteaId");
    setOrNull(row, "serverId",
              service.server.empty() ? std::nullopt : std::optional(service.server));
    row.set("command", "").set("enableSubmodules", false).set("suffix", "");
    row.set("composePath", "./docker-compose.yml").set("randomize", false);
    row.set("isolatedDeployment", false).set("isolatedDeploymentsVolume", false);
    row.set("triggerType", "push").set("composeStatus", service.status);
    row.set("createEnvFile", service.create_env_file).raw("serviceNetworks", "[]");
}

void addApplication(Object& row, const Dokploy::Service& service) {
    setOrNull(row, "buildArgs", service.build_args);
    row.set("buildSecrets", "").set("createEnvFile", false);
    row.set("dockerImage", "nginx:alpine").set("applicationStatus", service.status);
    nulls(row, "repository owner branch gitlabRepository giteaRepository bitbucketRepository");
    nulls(row, "watchPaths registryId");
    setOrNull(row, "serverId",
              service.server.empty() ? std::nullopt : std::optional(service.server));
    row.set("buildType", "nixpacks").set("replicas", 1).raw("networkIds", "[]");
}

}  // namespace

HttpAnswer error(int status, const std::string& code, const std::string& message,
                 const std::string& procedure) {
    Object body;
    body.set("message", message).set("code", code);
    body.set("data", dataOf(code, status, procedure).raw("zodError", "null"));
    return {status, body.text(), "application/json"};
}

HttpAnswer validationError(const std::string& procedure, const std::string& field,
                           const std::string& code, const std::string& message) {
    Object zod;
    zod.raw("formErrors", "[]")
        .set("fieldErrors", Object().set(field, std::vector<std::string>{message}));
    Object issue;
    issue.set("code", code).set("path", std::vector<std::string>{field}).set("message", message);
    Object body;
    body.set("message", "Input validation failed").set("code", "BAD_REQUEST");
    body.set("data", dataOf("BAD_REQUEST", 400, procedure).set("zodError", zod));
    body.set("issues", Array().add(issue));
    return {400, body.text(), "application/json"};
}

Object environmentStub(const std::string& name, const std::string& id, bool is_default,
                       const Array& applications, const Array& composes) {
    Object row;
    row.set("name", name).set("environmentId", id).set("isDefault", is_default);
    row.set("applications", applications);
    for (const char* kind : {"mariadb", "mongo", "mysql", "postgres", "redis"}) row.raw(kind, "[]");
    return row.set("compose", composes).raw("libsql", "[]");
}

Object rowJson(const Dokploy::Row& row, const Dokploy::Service& service) {
    Object json;
    json.set("deploymentId", row.id).set("title", row.title).set("description", row.description);
    json.set("status", row.status).set("logPath", "/etc/dokploy/logs/" + service.app_name + ".log");
    setOrNull(json, "applicationId", service.compose ? std::nullopt : std::optional(service.id));
    setOrNull(json, "composeId", service.compose ? std::optional(service.id) : std::nullopt);
    json.set("isPreviewDeployment", false).set("createdAt", row.created);
    json.set("startedAt", row.created);
    setOrNull(json, "finishedAt",
              row.finished.empty() ? std::nullopt : std::optional(row.finished));
    nulls(json, "pid serverId previewDeploymentId errorMessage scheduleId backupId rollbackId");
    nulls(json, "volumeBackupId buildServerId");
    return json;
}

Object jobJson(const Dokploy::Job& job, bool compose) {
    Object data;
    data.set(compose ? "composeId" : "applicationId", job.service).set("titleLog", job.title);
    data.set("type", job.type).set("applicationType", compose ? "compose" : "application");
    data.set("descriptionLog", job.description).set("server", false);
    Object json;
    json.set("id", "job-" + std::to_string(job.number)).set("name", "deployments");
    json.set("data", data).set("timestamp", std::int64_t{1795411111750});
    if (job.active) json.set("processedOn", std::int64_t{1795411111753});
    json.set("state", job.active ? "active" : "waiting");
    return json.set("servicePath",
                    Object().set("href", "/dashboard/" + job.service).set("label", "Compose"));
}

std::string Dokploy::projectJson(const Project& project) const {
    Object row;
    row.set("projectId", project.id).set("name", project.name).set("description", "");
    row.set("createdAt", time()).set("organizationId", "organization").set("env", "");
    return row.text();
}

std::string Dokploy::environmentJson(const Environment& environment) const {
    Object row;
    row.set("environmentId", environment.id).set("name", environment.name);
    row.set("description", "").set("createdAt", time()).set("env", "");
    row.set("projectId", environment.project_id).set("isDefault", environment.is_default);
    return row.text();
}

std::string Dokploy::serviceJson(const Service& service, bool whole) {
    Object row;
    row.set(service.compose ? "composeId" : "applicationId", service.id);
    row.set("name", service.name).set("appName", service.app_name).set("description", "");
    setOrNull(row, "env", service.environment);
    row.set("refreshToken", "the refresh token").set("sourceType", service.source);
    row.set("autoDeploy", service.auto_deploy);
    setOrNull(row, "customGitUrl",
              service.provider.empty() ? std::nullopt : std::optional(service.provider));
    if (service.compose)
        addCompose(row, service);
    else
        addApplication(row, service);
    row.set("environmentId", service.environment_id).set("createdAt", time());
    if (!whole) return row.text();
    Object environment;
    environment.set("environmentId", service.environment_id).set("name", "production");
    environment.set("description", "Production environment").set("createdAt", time());
    environment.set("env", "SHARED=1").set("projectId", "project").set("isDefault", true);
    environment.set("project", Object().set("projectId", "project").set("name", "iac"));
    row.set("environment", environment);
    Array rows;
    for (const auto& one : service.rows) rows.add(rowJson(one, service));
    row.set("deployments", rows);
    row.raw("mounts", "[]").raw("domains", "[]");
    if (service.compose) row.raw("backups", "[]");
    nulls(row, "github gitlab bitbucket gitea server unauthorizedProvider");
    return row.set("hasGitProviderAccess", true).text();
}

}  // namespace iac::fakes

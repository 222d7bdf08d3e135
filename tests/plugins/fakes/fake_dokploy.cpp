// The fake's procedures. Written from what a real server was seen to answer.
#include "fake_dokploy.hpp"

#include <Poco/URI.h>

#include <algorithm>
#include <iac/plugin.hpp>
#include <stdexcept>

#include "fake_dokploy_json.hpp"
#include "plugin/value.hpp"

namespace iac::fakes {

/// One request, understood as far as a procedure needs it.
struct Dokploy::Call {
    std::string procedure;
    std::map<std::string, std::string> parameters;
    std::unique_ptr<const plugin::Document> body;

    const iac_value* find(const std::string& name) const {
        return body == nullptr ? nullptr : plugin::find(body->root(), "/" + name);
    }
    bool has(const std::string& name) const { return find(name) != nullptr; }
    std::string text(const std::string& name) const {
        if (const auto found = parameters.find(name); found != parameters.end())
            return found->second;
        const auto* value = find(name);
        return value == nullptr ? "" : std::string(plugin::stringOf(*value));
    }
    bool isApplication() const {
        return procedure.starts_with("application.") || procedure == "deployment.all";
    }
    const char* idName() const { return isApplication() ? "applicationId" : "composeId"; }
};

namespace {

HttpAnswer json(std::string body) {
    return {200, std::move(body), "application/json"};
}

// The members that have to be text, and which of them may be null or absent.
std::optional<HttpAnswer> invalidIn(const std::string& procedure, const std::string& field,
                                    const iac_value* value, bool required, bool nullable) {
    const auto refuse = [&](const std::string& code, const std::string& message) {
        return validationError(procedure, field, code, message);
    };
    if (value == nullptr) {
        if (!required) return std::nullopt;
        return refuse("invalid_type", "Invalid input: expected string, received undefined");
    }
    if (value->type == IAC_NULL && nullable) return std::nullopt;
    if (value->type != IAC_STRING)
        return refuse("invalid_type", "Invalid input: expected string, received another type");
    if (required && plugin::stringOf(*value).empty() && !nullable)
        return refuse("too_small", "Too small: expected string to have >=1 characters");
    return std::nullopt;
}

}  // namespace

const std::map<std::string, std::pair<std::string, Dokploy::Procedure>>& Dokploy::procedures() {
    static const std::map<std::string, std::pair<std::string, Procedure>> all{
        {"settings.getDokployVersion", {"GET", &Dokploy::getVersion}},
        {"user.get", {"GET", &Dokploy::getUser}},
        {"project.all", {"GET", &Dokploy::allProjects}},
        {"project.create", {"POST", &Dokploy::createProject}},
        {"environment.create", {"POST", &Dokploy::createEnvironment}},
        {"compose.create", {"POST", &Dokploy::createCompose}},
        {"compose.one", {"GET", &Dokploy::one}},
        {"compose.update", {"POST", &Dokploy::update}},
        {"compose.deploy", {"POST", &Dokploy::askDeploy}},
        {"application.one", {"GET", &Dokploy::one}},
        {"application.update", {"POST", &Dokploy::update}},
        {"application.saveEnvironment", {"POST", &Dokploy::saveApplicationEnvironment}},
        {"application.deploy", {"POST", &Dokploy::askDeploy}},
        {"deployment.allByCompose", {"GET", &Dokploy::allRows}},
        {"deployment.all", {"GET", &Dokploy::allRows}},
        {"deployment.queueList", {"GET", &Dokploy::queueList}},
        {"deployment.readLogs", {"GET", &Dokploy::readLogs}},
        {"docker.getContainersByAppNameMatch", {"GET", &Dokploy::containersOf}},
    };
    return all;
}

HttpAnswer Dokploy::handle(const HttpRequest& request) {
    advance();
    const Poco::URI uri(request.path);
    constexpr std::string_view kApi = "/api/";
    if (!uri.getPath().starts_with(kApi))
        return {404, "<!DOCTYPE html><html>404</html>", "text/html; charset=utf-8"};
    Call call;
    call.procedure = uri.getPath().substr(kApi.size());
    if (call.procedure == "health") return json(R"({"ok":true})");
    if (request.header("x-api-key") != key || keyIsSpent())
        return {401, R"({"message":"Unauthorized"})", "application/json; charset=utf-8"};
    const auto found = procedures().find(call.procedure);
    if (found == procedures().end() || found->second.first != request.method)
        return error(404, "NOT_FOUND", "Not found", "");
    for (const auto& [name, value] : uri.getQueryParameters()) call.parameters[name] = value;
    if (request.method == "POST") {
        if (request.header("content-type") != "application/json")
            return error(415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported content-type", "");
        if (request.body.size() > 1'000'000) return {413, "Body exceeded 1mb limit", "text/plain"};
        std::string reason;
        call.body = plugin::Document::parse(request.body, reason);
        if (call.body == nullptr) return {400, "Invalid JSON", ""};
    }
    return (this->*found->second.second)(call);
}

bool Dokploy::keyIsSpent() {
    constexpr int kCost = 2;
    if (!uses_left) return false;
    if (*uses_left < kCost) return true;
    *uses_left -= kCost;
    return false;
}

HttpAnswer Dokploy::getVersion(const Call&) {
    return json(json::quote(version));
}

HttpAnswer Dokploy::getUser(const Call&) {
    if (role.empty()) return error(404, "NOT_FOUND", "Not found", "");
    return json(Object().set("id", "member").set("role", role).text());
}

HttpAnswer Dokploy::allProjects(const Call&) {
    Array all;
    for (const auto& project : projects_) {
        Array environments;
        for (const auto& environment : environments_) {
            if (environment.project_id != project.id) continue;
            Array composes, applications;
            for (const auto& [id, one] : services_) {
                if (one.environment_id != environment.id) continue;
                Object stub;
                stub.set(one.compose ? "composeId" : "applicationId", id).set("name", one.name);
                stub.set(one.compose ? "composeStatus" : "applicationStatus", one.status);
                (one.compose ? composes : applications).add(stub);
            }
            environments.add(environmentStub(environment.name, environment.id,
                                             environment.is_default, applications, composes));
        }
        Object row;
        row.set("projectId", project.id).set("name", project.name).set("description", "");
        row.set("createdAt", time()).set("organizationId", "organization").set("env", "");
        all.add(row.set("environments", environments).raw("projectTags", "[]"));
    }
    return json(all.text());
}

HttpAnswer Dokploy::createProject(const Call& call) {
    if (auto bad = invalidIn(call.procedure, "name", call.find("name"), true, false)) return *bad;
    const auto project = addProject(call.text("name"));
    const auto& first =
        *std::find_if(environments_.begin(), environments_.end(),
                      [&](const auto& one) { return one.project_id == project.id; });
    return json(Object()
                    .raw("project", projectJson(project))
                    .raw("environment", environmentJson(first))
                    .text());
}

HttpAnswer Dokploy::createEnvironment(const Call& call) {
    for (const char* name : {"name", "projectId"})
        if (auto bad = invalidIn(call.procedure, name, call.find(name), true, false)) return *bad;
    return json(environmentJson(addEnvironment(call.text("projectId"), call.text("name"))));
}

HttpAnswer Dokploy::createCompose(const Call& call) {
    for (const char* name : {"name", "environmentId"})
        if (auto bad = invalidIn(call.procedure, name, call.find(name), true, false)) return *bad;
    const auto id = call.text("environmentId");
    if (std::none_of(environments_.begin(), environments_.end(),
                     [&](const auto& one) { return one.id == id; }))
        return error(404, "NOT_FOUND", "Environment not found", call.procedure);
    Service made;
    made.id = nextId("compose");
    made.name = call.text("name");
    made.app_name = (call.has("appName") ? call.text("appName") : "compose-random") + "-mixd7w";
    made.environment_id = id;
    made.source = call.has("sourceType") ? call.text("sourceType") : "github";
    made.compose_file = call.text("composeFile");
    services_[made.id] = made;
    return json(serviceJson(made, false));
}

HttpAnswer Dokploy::one(const Call& call) {
    const auto id = call.text(call.idName());
    if (id.empty())
        return validationError(call.procedure, call.idName(), "invalid_type",
                               "Invalid input: expected string, received undefined");
    const Service* found = find(id);
    if (found == nullptr)
        return error(404, "NOT_FOUND",
                     call.isApplication() ? "Application not found" : "Compose not found",
                     call.procedure);
    return json(serviceJson(*found, true));
}

HttpAnswer Dokploy::update(const Call& call) {
    const bool application = call.isApplication();
    if (auto bad = invalidIn(call.procedure, call.idName(), call.find(call.idName()), true, false))
        return *bad;
    for (const char* name : {"env", "composeFile", "sourceType"})
        if (auto bad = invalidIn(call.procedure, name, call.find(name), false, true)) return *bad;
    Service* found = find(call.text(call.idName()));
    if (found == nullptr) return json("");
    if (const auto* env = call.find("env"))
        found->environment = env->type == IAC_NULL ? std::nullopt : std::optional(call.text("env"));
    if (call.has("composeFile")) found->compose_file = call.text("composeFile");
    if (call.has("sourceType")) found->source = call.text("sourceType");
    if (const auto* on = call.find("autoDeploy")) found->auto_deploy = on->boolean;
    return json(application ? "true" : serviceJson(*found, false));
}

HttpAnswer Dokploy::saveApplicationEnvironment(const Call& call) {
    for (const char* name : {"applicationId", "env", "buildArgs", "buildSecrets"})
        if (auto bad = invalidIn(call.procedure, name, call.find(name), true,
                                 std::string_view(name) != "applicationId"))
            return *bad;
    if (!call.has("createEnvFile"))
        return validationError(call.procedure, "createEnvFile", "invalid_type",
                               "Invalid input: expected nonoptional, received undefined");
    Service* found = find(call.text("applicationId"));
    if (found == nullptr) return error(404, "NOT_FOUND", "Application not found", call.procedure);
    found->environment = call.text("env");
    found->build_args = call.find("buildArgs")->type == IAC_NULL
                            ? std::nullopt
                            : std::optional(call.text("buildArgs"));
    return json("true");
}

HttpAnswer Dokploy::askDeploy(const Call& call) {
    if (auto bad = invalidIn(call.procedure, call.idName(), call.find(call.idName()), true, false))
        return *bad;
    for (const char* name : {"title", "description"})
        if (auto bad = invalidIn(call.procedure, name, call.find(name), false, false)) return *bad;
    const auto id = call.text(call.idName());
    if (find(id) == nullptr)
        return error(404, "NOT_FOUND",
                     call.isApplication() ? "Application not found" : "Compose not found",
                     call.procedure);
    deploy(id, call.has("title") ? call.text("title") : "Manual deployment",
           call.text("description"));
    if (call.isApplication()) return json("");
    return json(Object()
                    .set("success", true)
                    .set("message", "Deployment queued")
                    .set("composeId", id)
                    .text());
}

HttpAnswer Dokploy::allRows(const Call& call) {
    const Service* found = find(call.text(call.idName()));
    if (found == nullptr)
        return error(404, "NOT_FOUND",
                     call.isApplication() ? "Application not found" : "Compose not found",
                     call.procedure);
    Array rows;
    for (const auto& row : found->rows) rows.add(rowJson(row, *found));
    return json(rows.text());
}

HttpAnswer Dokploy::queueList(const Call&) {
    Array jobs;
    for (auto job = queue_.rbegin(); job != queue_.rend(); ++job)
        jobs.add(jobJson(*job, services_.at(job->service).compose));
    return json(jobs.text());
}

HttpAnswer Dokploy::readLogs(const Call& call) {
    for (const auto& [id, service] : services_)
        for (const auto& row : service.rows)
            if (row.id == call.text("deploymentId")) return json(json::quote(row.log));
    return error(404, "NOT_FOUND", "Deployment not found", call.procedure);
}

HttpAnswer Dokploy::containersOf(const Call& call) {
    Array all;
    // Those of another server are not on this one.
    for (const auto& [id, service] : services_)
        if (service.app_name == call.text("appName") && service.server != call.text("serverId"))
            return json(all.text());
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const auto name = call.text("appName") + "-" + std::to_string(i + 1);
        all.add(Object()
                    .set("containerId", std::to_string(i))
                    .set("name", name)
                    .set("state", containers[i].first)
                    .set("status", containers[i].second));
    }
    return json(all.text());
}

}  // namespace iac::fakes

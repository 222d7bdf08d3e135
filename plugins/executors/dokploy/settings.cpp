#include "settings.hpp"

namespace iac::dokploy {

namespace {

std::string apiOf(std::string url) {
    while (!url.empty() && url.back() == '/') url.pop_back();
    constexpr std::string_view kApi = "/api";
    const bool has_api =
        url.size() > kApi.size() && std::string_view(url).substr(url.size() - kApi.size()) == kApi;
    return has_api ? url : url + std::string(kApi);
}

Variables declared(const Value& with) {
    Variables all;
    const auto variables = with.find<Value>("variables");
    for (std::size_t i = 0; variables && i < variables->count(); ++i) {
        const auto name = variables->key(i);
        if (!isVariableName(name))
            invalid("with.variables: \"" + name + "\" cannot be the name of a variable");
        if (name.compare(0, 4, "IAC_") == 0)
            invalid("with.variables: \"" + name + "\" is one of the runner's own");
        const Value value = (*variables)[i];
        all[name] = value.isString() ? std::string(value.string()) : value.json();
    }
    return all;
}

}  // namespace

Server serverOf(const Value& config) {
    Server server;
    server.url = apiOf(config.get<std::string>("url"));
    server.key = config.get<std::string>("key");
    server.project = config.get<std::string>("project", "");
    if (const auto names = config.find<Value>("environments"))
        for (std::size_t i = 0; i < names->count(); ++i)
            server.environments[names->key(i)] = std::string((*names)[i].string());
    server.auto_deploy_off = config.get<std::string>("auto_deploy", "report") == "off";
    server.deadline = config.get<double>("deadline", server.deadline);
    server.patience = config.get<double>("patience", server.patience);
    server.appear = config.get<double>("appear", server.appear);
    server.poll = config.get<double>("poll", server.poll);
    return server;
}

Service serviceOf(const Step& step, const Server& server) {
    const Value& with = step.with;
    Service service;
    if (with.get<std::string>("type", "compose") == "application") service.kind = Kind::application;
    service.id = with.get<std::string>("id", "");
    service.project = with.get<std::string>("project", "");
    if (service.project.empty()) service.project = server.project;
    service.environment = with.get<std::string>("environment", "");
    const auto mapped = server.environments.find(step.environment);
    service.environment_mapped =
        !service.environment.empty() || mapped != server.environments.end();
    if (service.environment.empty())
        service.environment =
            mapped == server.environments.end() ? step.environment : mapped->second;
    service.name = with.get<std::string>("name", "");
    if (service.name.empty()) service.name = step.name;
    service.from_runner =
        service.kind == Kind::compose && with.get<std::string>("source", "runner") == "runner";
    service.file = with.get<std::string>("file", "");
    service.files = with.get<std::vector<std::string>>("files", {});
    service.variables = declared(with);
    service.inherit = with.get<bool>("inherit", true);
    service.create = with.get<bool>("create", false);
    // The runner may ask for it for one deployment, the settings for all of them.
    service.force = with.get<bool>("force", false) || step.input.get<bool>("force", false);
    if (const auto check = with.find<Value>("verify")) {
        service.check.url = check->get<std::string>("url", "");
        service.check.status = check->get<int>("status", service.check.status);
        service.check.within = check->get<double>("within", service.check.within);
        service.check.containers = check->get<bool>("containers", false);
    }
    if (service.id.empty() && service.project.empty())
        invalid("with.project: say in which Dokploy project \"" + service.name +
                "\" is, or give its `id`");
    if (service.from_runner && service.file.empty())
        invalid(
            "with.file: say which compose file the runner shall send, or let Dokploy fetch it: "
            "source: dokploy");
    if (service.kind == Kind::application && service.create)
        invalid(
            "with.create: only compose services can be created; make the application in Dokploy");
    return service;
}

}  // namespace iac::dokploy

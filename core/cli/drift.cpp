#include <iostream>
#include <map>

#include "cli/answers.hpp"
#include "cli/client.hpp"
#include "cli/following.hpp"
#include "cli/plan.hpp"
#include "cli/request.hpp"
#include "cli/terminal.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

using ServicesOfRevision = std::map<std::string, std::vector<std::string>>;

/// The services that were deployed there once, by their last good revision.
ServicesOfRevision deployed(Client& client, const std::string& environment) {
    ServicesOfRevision found;
    for (const Object& service : objectsOf(client.get("/services"), "services"))
        for (const Object& target : objectsOf(service, "environments"))
            if (const auto revision = textOf(target, "last_good_revision");
                textOf(target, "environment") == environment && !revision.empty())
                found[revision].push_back(textOf(service, "id"));
    return found;
}

/// The dry run of one revision, at its end.
Object dryRun(Client& client, const std::string& environment, const std::string& revision,
              const std::vector<std::string>& services) {
    auto body = jsonObject();
    body->set("env", environment);
    body->set("ref", revision);
    body->set("services", listOf(services));
    body->set("dry_run", true);
    const Object answer = ask(client, "/deploy", body);
    std::cerr << "Asking about " << services.size() << " service(s) at " << revision.substr(0, 10)
              << ", deployment " << textOf(answer, "deployment_id") << ".\n";
    return awaitEnd(client, textOf(answer, "deployment_id"), &std::cerr);
}

/// An executor that cannot look at what is there says so.
std::string verdict(const Object& step) {
    const std::string status = textOf(step, "status");
    if (status == "changed") return "drifted";
    if (status != "unchanged") return status;
    const bool unknown = textOf(step, "error_kind") == "drift_unknown" ||
                         textOf(step, "summary").starts_with("would run");  // SDK 1.0
    return unknown ? "unknown" : "same";
}

/// Each service with what its dry run says.
Object tell(const Object& deployment, const std::string& revision) {
    Poco::JSON::Array::Ptr services = new Poco::JSON::Array;
    for (const Object& step : objectsOf(deployment, "steps")) {
        auto one = jsonObject();
        one->set("service", textOf(step, "service"));
        one->set("drift", verdict(step));
        one->set("summary", textOf(step, "summary"));
        services->add(one);
    }
    auto told = jsonObject();
    told->set("revision", revision);
    told->set("deployment_id", deployment->get("id"));
    told->set("status", textOf(deployment, "status"));
    if (const auto summary = textOf(deployment, "summary"); !summary.empty())
        told->set("summary", summary);
    told->set("services", services);
    return told;
}

void print(const std::vector<Object>& revisions) {
    std::vector<std::vector<std::string>> rows{{"SERVICE", "DRIFT", "LAST GOOD", "WHAT"}};
    for (const Object& one : revisions) {
        for (const Object& service : objectsOf(one, "services"))
            rows.push_back({textOf(service, "service"), textOf(service, "drift"),
                            shownRevision(one), textOf(service, "summary")});
        if (const auto why = textOf(one, "summary"); !why.empty())
            std::cerr << "Deployment " << textOf(one, "deployment_id") << ": " << why << '\n';
    }
    if (rows.size() > 1) printTable(rows, 1);
}

}  // namespace

int showDrift(const Options& options, const std::string& environment, bool json) {
    Client client(findEndpoint(options));
    const auto revisions = deployed(client, environment);
    if (revisions.empty())
        throw Refused("nothing was ever deployed to \"" + environment +
                      "\" with success, so nothing can have drifted there");
    int exit_code = kDone;
    Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
    for (const auto& [revision, services] : revisions) {
        const Object deployment = dryRun(client, environment, revision, services);
        if (textOf(deployment, "status") != "success") exit_code = kFailed;
        list->add(tell(deployment, revision));
    }
    auto answer = jsonObject();
    answer->set("environment", environment);
    answer->set("revisions", list);
    json ? printJson(answer) : print(objectsOf(answer, "revisions"));
    return exit_code;
}

}  // namespace iac::cli

#include <memory>

#include "cli/answers.hpp"
#include "cli/query.hpp"
#include "cli/terminal.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

struct Filters {
    std::string environment, service, status, trigger, triggered_by, ref, revision;
    Part part;
};

std::string servicesOf(const Object& deployment) {
    std::string names;
    for (const Object& service : objectsOf(objectOf(deployment, "plan"), "services"))
        names += (names.empty() ? "" : ", ") + textOf(service, "service");
    return cut(names, 40);
}

void print(const std::vector<Object>& deployments) {
    std::vector<std::vector<std::string>> rows{
        {"ID", "STATUS", "ENVIRONMENT", "REF", "REVISION", "BY", "CREATED", "TOOK", "SERVICES"}};
    for (const Object& one : deployments)
        rows.push_back(
            {textOf(one, "id"), textOf(one, "status"), textOf(one, "environment"), shownRef(one),
             shownRevision(one), cut(textOf(one, "triggered_by"), 20), shownTime(one, "created_at"),
             shownSeconds(one->optValue<double>("duration_seconds", -1)), servicesOf(one)});
    printTable(rows, 1);
}

int history(const Options& options, const Filters& filters) {
    return showList(options, "deployments",
                    {{"env", filters.environment},
                     {"service", filters.service},
                     {"status", filters.status},
                     {"trigger", filters.trigger},
                     {"triggered_by", filters.triggered_by},
                     {"ref", filters.ref},
                     {"revision", filters.revision}},
                    filters.part, print);
}

}  // namespace

void addHistory(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand("history", "What was deployed, newest first");
    auto filters = std::make_shared<Filters>();
    command->add_option("--env", filters->environment, "Only of this environment")
        ->type_name("ENV");
    command->add_option("--service", filters->service, "Only with this service")->type_name("ID");
    command->add_option("--status", filters->status, "Only in this state")
        ->type_name("STATUS")
        ->check(
            CLI::IsMember({"queued", "running", "success", "failed", "cancelled", "superseded"}));
    command->add_option("--trigger", filters->trigger, "Only of this trigger")->type_name("NAME");
    command->add_option("--triggered-by", filters->triggered_by, "Only of this author")
        ->type_name("NAME");
    command->add_option("--ref", filters->ref, "Only of this branch or tag")->type_name("REF");
    command->add_option("--revision", filters->revision, "Only of this commit")->type_name("SHA");
    addPart(*command, filters->part);
    command->callback([&options, &run, filters] {
        run = [&options, filters] { return history(options, *filters); };
    });
}

}  // namespace iac::cli

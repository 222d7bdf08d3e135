#include <iostream>
#include <memory>

#include "cli/answers.hpp"
#include "cli/query.hpp"
#include "cli/terminal.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

struct Filters {
    std::string environment, service, status, trigger, triggered_by, ref, revision, since, until;
    std::int64_t before = 0;
    std::size_t limit = 20;
    bool json = false;
};

std::string servicesOf(const Object& deployment) {
    std::string names;
    for (const Object& service : objectsOf(objectOf(deployment, "plan"), "services"))
        names += (names.empty() ? "" : ", ") + shortName(textOf(service, "service"));
    return cut(names, 40);
}

void print(const std::vector<Object>& deployments) {
    std::vector<std::vector<std::string>> rows{
        {"ID", "STATUS", "ENVIRONMENT", "REF", "REVISION", "BY", "CREATED", "TOOK", "SERVICES"}};
    for (const Object& one : deployments)
        rows.push_back({textOf(one, "id"), textOf(one, "status"), textOf(one, "environment"),
                        shownRef(one), shownRevision(one), cut(textOf(one, "triggered_by"), 20),
                        textOf(one, "created_at").substr(0, 19),
                        shownSeconds(one->optValue<double>("duration_seconds", -1)),
                        servicesOf(one)});
    printTable(rows, 1);
}

int history(const Options& options, const Filters& filters) {
    Client client(findEndpoint(options));
    const Time now = SystemClock().now();
    const Object answer =
        readList(client, {"/deployments",
                          "deployments",
                          {{"env", filters.environment},
                           {"service", filters.service},
                           {"status", filters.status},
                           {"trigger", filters.trigger},
                           {"triggered_by", filters.triggered_by},
                           {"ref", filters.ref},
                           {"revision", filters.revision},
                           {"since", momentOf(filters.since, now)},
                           {"until", momentOf(filters.until, now)},
                           {"before", filters.before > 0 ? std::to_string(filters.before) : ""}},
                          filters.limit});
    const auto found = objectsOf(answer, "deployments");
    if (filters.json) {
        printJson(answer);
    } else if (found.empty()) {
        std::cerr << "No deployments.\n";
    } else {
        print(found);
    }
    return kDone;
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
    command->add_option("--since", filters->since, "Only from then on: 2h, 3d, 2025-01-24")
        ->type_name("TIME");
    command->add_option("--until", filters->until, "Only before then")->type_name("TIME");
    command->add_option("--before", filters->before, "Only below this id: the next page")
        ->check(CLI::PositiveNumber)
        ->type_name("ID");
    command->add_option("--limit", filters->limit, "How many (default: 20)")
        ->check(CLI::Range(1, 100'000))
        ->type_name("N");
    command->add_flag("--json", filters->json, "As JSON");
    command->callback([&options, &run, filters] {
        run = [&options, filters] { return history(options, *filters); };
    });
}

}  // namespace iac::cli

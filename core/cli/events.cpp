#include <memory>

#include "cli/answers.hpp"
#include "cli/query.hpp"
#include "cli/terminal.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

struct Filters {
    std::string environment, trigger, delivery, triggered_by;
    Part part;
};

void print(const std::vector<Object>& events) {
    std::vector<std::vector<std::string>> rows{
        {"ID", "VERDICT", "RECEIVED", "TRIGGER", "ENVIRONMENT", "REF", "REVISION", "BY", "BECAME"}};
    for (const Object& one : events) {
        std::string deployments;
        if (const auto list = one->getArray("deployments"))
            for (const auto& id : *list)
                deployments += (deployments.empty() ? "deployment " : ", ") + id.toString();
        rows.push_back({textOf(one, "id"), textOf(one, "verdict"), shownTime(one, "received_at"),
                        textOf(one, "trigger"), textOf(one, "environment"), shownRef(one),
                        shownRevision(one), cut(textOf(one, "triggered_by"), 20),
                        deployments.empty() ? cut(textOf(one, "reason"), 60) : deployments});
    }
    printTable(rows, 1);
}

int events(const Options& options, const Filters& filters) {
    return showList(options, "events",
                    {{"env", filters.environment},
                     {"trigger", filters.trigger},
                     {"delivery", filters.delivery},
                     {"triggered_by", filters.triggered_by}},
                    filters.part, print);
}

}  // namespace

void addEvents(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand(
        "events", "Everything that came in, newest first, and what became of it");
    auto filters = std::make_shared<Filters>();
    command->add_option("--env", filters->environment, "Only of this environment")
        ->type_name("ENV");
    command->add_option("--trigger", filters->trigger, "Only of this trigger")->type_name("NAME");
    command->add_option("--delivery", filters->delivery, "Only with this delivery id")
        ->type_name("ID");
    command->add_option("--triggered-by", filters->triggered_by, "Only of this author")
        ->type_name("NAME");
    addPart(*command, filters->part);
    command->callback([&options, &run, filters] {
        run = [&options, filters] { return events(options, *filters); };
    });
}

}  // namespace iac::cli

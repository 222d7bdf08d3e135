#include <iostream>
#include <memory>

#include "cli/answers.hpp"
#include "cli/query.hpp"
#include "cli/terminal.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

struct Filters {
    std::string environment, trigger, delivery, triggered_by, since, until;
    std::int64_t before = 0;
    std::size_t limit = 20;
    bool json = false;
};

void print(const std::vector<Object>& events) {
    std::vector<std::vector<std::string>> rows{
        {"ID", "VERDICT", "RECEIVED", "TRIGGER", "ENVIRONMENT", "REF", "REVISION", "BY", "BECAME"}};
    for (const Object& one : events) {
        const std::string deployment = textOf(one, "deployment_id");
        rows.push_back(
            {textOf(one, "id"), textOf(one, "verdict"), textOf(one, "received_at").substr(0, 19),
             textOf(one, "trigger"), textOf(one, "environment"), shownRef(one), shownRevision(one),
             cut(textOf(one, "triggered_by"), 20),
             deployment.empty() ? cut(textOf(one, "reason"), 60) : "deployment " + deployment});
    }
    printTable(rows, 1);
}

int events(const Options& options, const Filters& filters) {
    Client client(findEndpoint(options));
    const Time now = SystemClock().now();
    const Object answer =
        readList(client, {"/events",
                          "events",
                          {{"env", filters.environment},
                           {"trigger", filters.trigger},
                           {"delivery", filters.delivery},
                           {"triggered_by", filters.triggered_by},
                           {"since", momentOf(filters.since, now)},
                           {"until", momentOf(filters.until, now)},
                           {"before", filters.before > 0 ? std::to_string(filters.before) : ""}},
                          filters.limit});
    const auto found = objectsOf(answer, "events");
    if (filters.json) {
        printJson(answer);
    } else if (found.empty()) {
        std::cerr << "No events.\n";
    } else {
        print(found);
    }
    return kDone;
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
        run = [&options, filters] { return events(options, *filters); };
    });
}

}  // namespace iac::cli

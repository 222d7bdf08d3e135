#include "cli/holds.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/query.hpp"
#include "cli/terminal.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

constexpr const char* kMostHolds = "499";  // all that one answer may hold

struct Question {
    std::string environment;
    bool all = false, json = false;
};

void print(const std::vector<Object>& holds) {
    std::vector<std::vector<std::string>> rows{
        {"ID", "STATUS", "ENVIRONMENT", "SERVICE", "BY", "SINCE", "UNTIL", "REASON"}};
    for (const Object& one : holds) {
        const std::string service = textOf(one, "service"), until = textOf(one, "until");
        rows.push_back({textOf(one, "id"), one->optValue("open", false) ? "open" : "ended",
                        textOf(one, "environment"), service.empty() ? "(all)" : service,
                        cut(textOf(one, "by"), 20), shownTime(one, "created_at"),
                        until.empty() ? "released" : until.substr(0, 19),
                        cut(textOf(one, "reason"), 60)});
    }
    printTable(rows, 1);
}

int listHolds(const Options& options, const Question& question) {
    const auto answer = Client(findEndpoint(options))
                            .get(target("/holds", {{"env", question.environment},
                                                   {"all", question.all ? "1" : ""},
                                                   {"limit", kMostHolds}}));
    const auto holds = objectsOf(answer, "holds");
    if (question.json) {
        printJson(answer);
    } else if (holds.empty()) {
        std::cerr << "No holds.\n";
    } else {
        print(holds);
    }
    return kDone;
}

}  // namespace

std::string placeOf(const Object& hold) {
    const std::string service = textOf(hold, "service");
    return (service.empty() ? "all of " : service + " in ") + textOf(hold, "environment");
}

std::vector<Object> holdsOn(Client& client, const Object& deployment) {
    std::set<std::string> services;
    const auto plan = objectOf(deployment, "plan");
    for (const char* list : {"services", "skipped"})
        for (const Object& one : objectsOf(plan, list)) services.insert(textOf(one, "service"));
    const auto answer = client.get(
        target("/holds", {{"env", textOf(deployment, "environment")}, {"limit", kMostHolds}}));
    std::vector<Object> found;
    std::ranges::copy_if(objectsOf(answer, "holds"), std::back_inserter(found),
                         [&](const Object& hold) {
                             const std::string service = textOf(hold, "service");
                             return service.empty() || services.contains(service);
                         });
    return found;
}

void addHolds(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand("holds", "What must not be deployed: who said so, and why");
    auto question = std::make_shared<Question>();
    command->add_option("--env", question->environment, "Only of this environment")
        ->type_name("ENV");
    command->add_flag("--all", question->all, "Also those that have ended");
    command->add_flag("--json", question->json, "As JSON");
    command->callback([&options, &run, question] {
        run = [&options, question] { return listHolds(options, *question); };
    });
}

}  // namespace iac::cli

#include <iostream>
#include <memory>

#include "cli/answers.hpp"
#include "cli/query.hpp"
#include "cli/terminal.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

struct Question {
    std::string service, environment;
    bool json = false;
};

std::string shownHold(const Object& hold) {
    if (hold.isNull()) return {};
    const std::string until = textOf(hold, "until");
    return "held by " + textOf(hold, "by") + ": " + cut(textOf(hold, "reason"), 40) +
           (until.empty() ? "" : " (until " + until.substr(0, 19) + ")");
}

std::vector<std::string> row(const Object& service, const Object& target) {
    const std::string outcome = textOf(target, "last_outcome");
    return {textOf(service, "id"),
            outcome.empty() ? "never" : outcome,
            textOf(target, "environment"),
            textOf(target, "last_good_revision").substr(0, 10),
            textOf(target, "last_deployment"),
            shownTime(target, "updated_at"),
            cut(textOf(target, "triggered_by"), 20),
            shownHold(objectOf(target, "hold"))};
}

void print(const std::vector<Object>& services, const std::string& environment) {
    std::vector<std::vector<std::string>> rows{
        {"SERVICE", "OUTCOME", "ENVIRONMENT", "LAST GOOD", "DEPLOYMENT", "WHEN", "BY", "HOLD"}};
    for (const Object& service : services)
        for (const Object& one : objectsOf(service, "environments"))
            if (environment.empty() || textOf(one, "environment") == environment)
                rows.push_back(row(service, one));
    if (rows.size() == 1)
        std::cerr << "No services.\n";
    else
        printTable(rows, 1);
}

int services(const Options& options, const Question& question) {
    Client client(findEndpoint(options));
    const bool one = !question.service.empty();
    const Object answer =
        client.get(one ? "/services/" + segment(question.service) : std::string("/services"));
    if (question.json)
        printJson(answer);
    else
        print(one ? std::vector{answer} : objectsOf(answer, "services"), question.environment);
    return kDone;
}

}  // namespace

void addServices(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand(
        "services", "The present state: what is deployed where, since when, and what is held");
    auto question = std::make_shared<Question>();
    command->add_option("ID", question->service, "Only this one, by id or short name");
    command->add_option("--env", question->environment, "Only of this environment, in the table")
        ->type_name("ENV");
    command->add_flag("--json", question->json, "As JSON");
    command->callback([&options, &run, question] {
        run = [&options, question] { return services(options, *question); };
    });
}

}  // namespace iac::cli

#include <iostream>
#include <memory>

#include "cli/answers.hpp"
#include "cli/client.hpp"
#include "cli/terminal.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

void line(const std::string& name, const std::string& value) {
    if (!value.empty())
        std::cout << "  " << name << std::string(14 - name.size(), ' ') << value << '\n';
}

void printSteps(const Object& deployment) {
    const auto steps = objectsOf(deployment, "steps");
    if (!steps.empty()) std::cout << "\nSteps\n";
    for (const Object& step : steps) {
        std::cout << "  " << shownStatus(textOf(step, "status"), 9) << "  "
                  << textOf(step, "service") << '\n';
        const auto attempts = objectsOf(step, "attempts");
        for (const char* key : {"reason", "summary", "error_kind", "next_action"})
            if (const auto text = textOf(step, key); !text.empty())
                std::cout << "             " << key << ": " << text << '\n';
        if (attempts.size() > 1) std::cout << "             attempts: " << attempts.size() << '\n';
    }
    const auto skipped = objectsOf(objectOf(deployment, "plan"), "skipped");
    if (!skipped.empty()) std::cout << "\nNot deployed\n";
    for (const Object& one : skipped)
        std::cout << "  " << textOf(one, "service") << ": " << textOf(one, "reason") << '\n';
}

void print(const Object& deployment) {
    std::cout << "Deployment " << textOf(deployment, "id") << ": "
              << shownStatus(textOf(deployment, "status")) << '\n';
    line("environment", textOf(deployment, "environment"));
    line("ref", textOf(deployment, "ref"));
    line("revision", textOf(deployment, "revision"));
    line("subject", textOf(deployment, "subject"));
    line("triggered by", textOf(deployment, "triggered_by"));
    line("trigger", textOf(deployment, "trigger"));
    line("created", textOf(deployment, "created_at"));
    line("finished", textOf(deployment, "finished_at"));
    line("took", shownSeconds(deployment->optValue<double>("duration_seconds", -1)));
    line("summary", textOf(deployment, "summary"));
    line("error kind", textOf(deployment, "error_kind"));
    line("next action", textOf(deployment, "next_action"));
    line("superseded by", textOf(deployment, "superseded_by"));
    line("retry of", textOf(deployment, "retry_of"));
    line("rollback of", textOf(deployment, "rollback_of"));
    printSteps(deployment);
}

struct Question {
    std::int64_t id = 0;
    bool json = false;
};

}  // namespace

void addShow(CLI::App& app, const Options& options, Run& run) {
    auto* command =
        app.add_subcommand("show", "One deployment: its plan, its steps, why it failed");
    auto question = std::make_shared<Question>();
    command->add_option("ID", question->id, "Of the deployment")->required();
    command->add_flag("--json", question->json, "As JSON");
    command->callback([&options, &run, question] {
        run = [&options, question] {
            const auto deployment =
                Client(findEndpoint(options)).get("/deployments/" + std::to_string(question->id));
            question->json ? printJson(deployment) : print(deployment);
            return kDone;
        };
    });
}

}  // namespace iac::cli

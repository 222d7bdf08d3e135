#include <iostream>
#include <memory>

#include "cli/answers.hpp"
#include "cli/client.hpp"
#include "cli/holds.hpp"
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
        if (const auto plugin = objectOf(step, "plugin"); plugin && plugin->has("id"))
            std::cout << "             plugin: " << textOf(plugin, "id") << ' '
                      << textOf(plugin, "version") << " (sha256 "
                      << textOf(plugin, "sha256").substr(0, 12) << ")\n";
        if (attempts.size() > 1) std::cout << "             attempts: " << attempts.size() << '\n';
    }
    const auto skipped = objectsOf(objectOf(deployment, "plan"), "skipped");
    if (!skipped.empty()) std::cout << "\nNot deployed\n";
    for (const Object& one : skipped)
        std::cout << "  " << textOf(one, "service") << ": " << textOf(one, "reason") << '\n';
}

void printNotifications(const Object& deployment) {
    const auto notifications = objectsOf(deployment, "notifications");
    if (!notifications.empty()) std::cout << "\nNotifications\n";
    for (const Object& one : notifications) {
        const std::string attempts = textOf(one, "attempts"), reason = textOf(one, "reason");
        std::cout << "  " << shownStatus(textOf(one, "state"), 9) << "  " << textOf(one, "notifier")
                  << ": " << textOf(one, "event");
        if (attempts != "0" && attempts != "1") std::cout << ", " << attempts << " attempts";
        std::cout << (reason.empty() ? "" : ": ") << reason << '\n';
    }
}

void printHolds(const std::vector<Object>& holds) {
    if (!holds.empty()) std::cout << "\nHolds\n";
    for (const Object& hold : holds) {
        const std::string until = textOf(hold, "until");
        std::cout << "  " << textOf(hold, "id") << "  " << placeOf(hold) << ", by "
                  << textOf(hold, "by") << (until.empty() ? "" : ", until " + until) << ": "
                  << textOf(hold, "reason") << '\n';
    }
}

void print(const Object& deployment, const std::vector<Object>& holds) {
    std::cout << "Deployment " << textOf(deployment, "id") << ": "
              << shownStatus(textOf(deployment, "status"))
              << (deployment->optValue("dry_run", false) ? " (dry run)" : "") << '\n';
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
    line("cancelled by", textOf(deployment, "cancel_requested_by"));
    line("superseded by", textOf(deployment, "superseded_by"));
    line("retry of", textOf(deployment, "retry_of"));
    line("rollback of", textOf(deployment, "rollback_of"));
    printSteps(deployment);
    printNotifications(deployment);
    printHolds(holds);
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
            Client client(findEndpoint(options));
            const auto deployment = client.get("/deployments/" + std::to_string(question->id));
            if (question->json)
                printJson(deployment);
            else
                print(deployment, holdsOn(client, deployment));
            return kDone;
        };
    });
}

}  // namespace iac::cli

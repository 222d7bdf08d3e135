#include <iostream>
#include <memory>

#include "cli/answers.hpp"
#include "cli/holds.hpp"
#include "cli/request.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

struct Wish {
    std::string environment, service, reason, lasts, until;
    bool json = false;
};

int hold(const Options& options, const Wish& wish) {
    auto body = jsonObject();
    body->set("env", wish.environment);
    body->set("reason", wish.reason);
    if (!wish.service.empty()) body->set("service", wish.service);
    if (!wish.lasts.empty()) body->set("for", wish.lasts);
    if (!wish.until.empty()) body->set("until", wish.until);
    body->set("by", userName());
    const auto answer = Client(findEndpoint(options)).send("POST", "/holds", body);
    if (wish.json) {
        printJson(answer);
        return kDone;
    }
    const std::string id = textOf(answer, "id"), until = textOf(answer, "until");
    std::cout << "Hold " << id << " on " << placeOf(answer)
              << (until.empty() ? "" : " until " + until)
              << ". It ends earlier with: iac-runner release " << id << '\n';
    return kDone;
}

}  // namespace

void addHold(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand(
        "hold", "Say that a service or a whole environment must not be deployed");
    auto wish = std::make_shared<Wish>();
    command->add_option("ENV", wish->environment, "Where: production")->required();
    command->add_option("SERVICE", wish->service, "Only this one (default: the environment)");
    command->add_option("--reason", wish->reason, "Why; whoever is refused reads it")
        ->required()
        ->type_name("TEXT");
    auto* lasts =
        command->add_option("--for", wish->lasts, "It ends by itself after that time: 2h, 3d")
            ->type_name("DURATION");
    command->add_option("--until", wish->until, "It ends by itself then: 2025-01-24T18:00:00Z")
        ->type_name("TIME")
        ->excludes(lasts);
    command->add_flag("--json", wish->json, "The answer as JSON");
    command->callback(
        [&options, &run, wish] { run = [&options, wish] { return hold(options, *wish); }; });
}

}  // namespace iac::cli

#include <iostream>
#include <memory>

#include "cli/answers.hpp"
#include "cli/request.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

struct Wish {
    std::int64_t id = 0;
    bool json = false;
};

int cancel(const Options& options, const Wish& wish) {
    auto body = jsonObject();
    body->set("by", userName());
    const auto answer =
        Client(findEndpoint(options))
            .send("POST", "/deployments/" + std::to_string(wish.id) + "/cancel", body);
    if (wish.json) {
        printJson(answer);
    } else if (textOf(answer, "status") == "cancelling") {
        std::cout << "Deployment " << wish.id
                  << " is being cancelled: it ends when its running steps have.\n";
    } else {
        std::cout << "Deployment " << wish.id << " is cancelled.\n";
    }
    return kDone;
}

}  // namespace

void addCancel(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand("cancel", "End a deployment that waits or runs");
    auto wish = std::make_shared<Wish>();
    command->add_option("ID", wish->id, "Of the deployment")->required();
    command->add_flag("--json", wish->json, "The answer as JSON");
    command->callback(
        [&options, &run, wish] { run = [&options, wish] { return cancel(options, *wish); }; });
}

}  // namespace iac::cli

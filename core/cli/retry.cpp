#include <memory>

#include "cli/request.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

struct Wish {
    std::int64_t id = 0;
    Patience patience;
};

int retry(const Options& options, const Wish& wish) {
    Client client(findEndpoint(options));
    auto body = jsonObject();
    body->set("triggered_by", userName());
    const auto answer =
        client.send("POST", "/deployments/" + std::to_string(wish.id) + "/retry", body);
    return finish(client, answer, wish.patience);
}

}  // namespace

void addRetry(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand(
        "retry", "Deploy again what did not succeed in a deployment, at the same revision");
    auto wish = std::make_shared<Wish>();
    command->add_option("ID", wish->id, "Of the deployment")->required();
    addPatience(*command, wish->patience);
    command->callback(
        [&options, &run, wish] { run = [&options, wish] { return retry(options, *wish); }; });
}

}  // namespace iac::cli

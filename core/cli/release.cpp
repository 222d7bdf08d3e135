#include <iostream>
#include <memory>

#include "cli/answers.hpp"
#include "cli/request.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

struct Wish {
    std::int64_t id = 0;
    Patience patience;
};

int release(const Options& options, const Wish& wish) {
    Client client(findEndpoint(options));
    auto body = jsonObject();
    body->set("by", userName());
    const auto answer = client.send("DELETE", "/holds/" + std::to_string(wish.id), body);
    (wish.patience.json ? std::cerr : std::cout) << "Hold " << wish.id << " is released.\n";
    if (answer->has("deployment_id")) return finish(client, answer, wish.patience);
    if (wish.patience.json) printJson(answer);
    return kDone;
}

}  // namespace

void addRelease(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand("release", "End a hold; what it held back is deployed then");
    auto wish = std::make_shared<Wish>();
    command->add_option("HOLD-ID", wish->id, "Of the hold, as `holds` lists it")->required();
    addPatience(*command, wish->patience);
    command->callback(
        [&options, &run, wish] { run = [&options, wish] { return release(options, *wish); }; });
}

}  // namespace iac::cli

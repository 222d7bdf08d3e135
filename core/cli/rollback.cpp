#include <memory>

#include "cli/request.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

struct Wish {
    std::string environment, to, reason;
    std::vector<std::string> services;
    Patience patience;
};

int rollBack(const Options& options, const Wish& wish) {
    Client client(findEndpoint(options));
    auto body = jsonObject();
    body->set("env", wish.environment);
    body->set("reason", wish.reason);
    if (!wish.services.empty()) body->set("services", listOf(wish.services));
    if (!wish.to.empty()) body->set("to", wish.to);
    body->set("triggered_by", userName());
    return finish(client, client.send("POST", "/rollback", body), wish.patience);
}

}  // namespace

void addRollback(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand(
        "rollback",
        "Deploy the last good revision before the present one, and hold it there until released");
    auto wish = std::make_shared<Wish>();
    command->add_option("ENV", wish->environment, "Where: staging")->required();
    command
        ->add_option("--service", wish->services,
                     "Only this one; may be repeated (default: what the last deployment changed)")
        ->expected(1)
        ->take_all()
        ->type_name("ID");
    command->add_option("--to", wish->to, "To this ref instead of the last good revision")
        ->type_name("REF");
    command->add_option("--reason", wish->reason, "Why; it stands at the hold")
        ->required()
        ->type_name("TEXT");
    addPatience(*command, wish->patience);
    command->callback(
        [&options, &run, wish] { run = [&options, wish] { return rollBack(options, *wish); }; });
}

}  // namespace iac::cli

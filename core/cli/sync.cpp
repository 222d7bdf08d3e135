#include <memory>

#include "cli/client.hpp"
#include "cli/request.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

struct Wish {
    std::vector<std::string> services;
    bool all = false;
    std::string environment;
    bool dry_run = false;
    Patience patience;
};

int sync(const Options& options, const Wish& wish) {
    if (wish.all == !wish.services.empty()) throw Refused("say which services to sync, or --all");
    auto body = jsonObject();
    if (wish.all) {
        body->set("all", true);
    } else {
        body->set("services", listOf(wish.services));
    }
    if (!wish.environment.empty()) body->set("env", wish.environment);
    if (wish.dry_run) body->set("dry_run", true);
    return request(options, "/sync", body, wish.patience);
}

}  // namespace

void addSync(CLI::App& app, const Options& options, Run& run) {
    auto* command =
        app.add_subcommand("sync", "Deploy services from the head of the configured branch");
    auto wish = std::make_shared<Wish>();
    command->add_option("ID", wish->services, "Services, by id or short name");
    command->add_flag("--all", wish->all, "All of the environment");
    command->add_option("--env", wish->environment, "Where to, if not where the trigger says")
        ->type_name("ENV");
    command->add_flag("--dry-run", wish->dry_run,
                      "Change nothing: show what each executor would do");
    addPatience(*command, wish->patience);
    command->callback(
        [&options, &run, wish] { run = [&options, wish] { return sync(options, *wish); }; });
}

}  // namespace iac::cli

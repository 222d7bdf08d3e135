#include <memory>

#include "cli/request.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

struct Wish {
    std::string environment, ref;
    std::vector<std::string> services;
    bool dry_run = false;
    Patience patience;
};

int deploy(const Options& options, const Wish& wish) {
    auto body = jsonObject();
    body->set("env", wish.environment);
    body->set("ref", wish.ref);
    if (!wish.services.empty()) body->set("services", listOf(wish.services));
    if (wish.dry_run) body->set("dry_run", true);
    return request(options, "/deploy", body, wish.patience);
}

}  // namespace

void addDeploy(CLI::App& app, const Options& options, Run& run) {
    auto* command =
        app.add_subcommand("deploy", "Deploy a branch, tag or commit to an environment");
    auto wish = std::make_shared<Wish>();
    command->add_option("ENV", wish->environment, "Where to: staging")->required();
    command->add_option("REF", wish->ref, "What: a branch, tag or full SHA")->required();
    command->add_option("--service", wish->services, "Only this one; may be repeated")
        ->expected(1)
        ->take_all()
        ->type_name("ID");
    command->add_flag("--dry-run", wish->dry_run,
                      "Change nothing: show what each executor would do");
    addPatience(*command, wish->patience);
    command->callback(
        [&options, &run, wish] { run = [&options, wish] { return deploy(options, *wish); }; });
}

}  // namespace iac::cli

#include <iostream>
#include <memory>

#include "cli/client.hpp"
#include "cli/query.hpp"
#include "cli/terminal.hpp"

namespace iac::cli {
namespace {

struct Question {
    std::int64_t id = 0;
    std::string service;
    bool follow = false;
    bool raw = false;
};

int showLog(const Options& options, const Question& question) {
    const std::string asked =
        target("/deployments/" + std::to_string(question.id) + "/log",
               {{"service", question.service}, {"follow", question.follow ? "1" : ""}});
    TerminalText shown(question.raw);
    const bool whole = Client(findEndpoint(options)).stream(asked, [&](std::string_view bytes) {
        std::cout << shown.next(bytes) << std::flush;
    });
    if (!whole) throw Unreachable("the daemon ended the connection before the end of the log");
    return kDone;
}

}  // namespace

void addLog(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand("log", "What the steps of a deployment printed");
    auto question = std::make_shared<Question>();
    command->add_option("ID", question->id, "Of the deployment")->required();
    command->add_option("--service", question->service, "Only of this service")->type_name("ID");
    command->add_flag("-f,--follow", question->follow, "Go on until the deployment ends");
    command->add_flag("--raw", question->raw,
                      "The bytes as they were printed; else a terminal gets text and colours only");
    command->callback([&options, &run, question] {
        run = [&options, question] { return showLog(options, *question); };
    });
}

}  // namespace iac::cli

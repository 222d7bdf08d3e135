#include <CLI/CLI.hpp>

#include "serve.hpp"

int main(int argc, char** argv) {
    CLI::App app(
        "A self-hosted deployment runner: a push deploys what it touched, and nothing else",
        "iac-runner");
    std::string configuration = "iac-runner.yaml";
    app.require_subcommand(1);
    auto* serve = app.add_subcommand("serve", "Run the daemon");
    serve->add_option("--config", configuration, "The configuration file");
    CLI11_PARSE(app, argc, argv);
    return iac::serve(configuration);
}

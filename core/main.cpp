#include "cli/commands.hpp"
#include "serve.hpp"

int main(int argc, char** argv) {
    return iac::cli::main(argc, argv, {iac::serve, iac::checkConfiguration, iac::testNotifier});
}

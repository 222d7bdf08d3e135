#include <cstdlib>
#include <iostream>

#include "base/clock.hpp"
#include "cli/commands.hpp"
#include "cli/manual.hpp"

namespace iac::cli {
namespace {

/// Of today, or of SOURCE_DATE_EPOCH, with which the same source gives the same page.
std::string pageDate() {
    const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
    const Time time = epoch == nullptr
                          ? SystemClock().now()
                          : Time(std::chrono::seconds(std::strtoll(epoch, nullptr, 10)));
    return toText(time).substr(0, 10);
}

}  // namespace

void addMan(CLI::App& app, const Options&, Run& run) {
    // Hidden: it is for the build, which installs the page.
    auto* command = app.add_subcommand("man", "Print the manual page")->group("");
    command->callback([&app, &run] {
        run = [&app] {
            std::cout << manualPage(describe(app), app.version(), pageDate());
            return kDone;
        };
    });
}

}  // namespace iac::cli

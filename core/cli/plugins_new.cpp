#include <iostream>

#include "cli/plugin_template.hpp"
#include "cli/plugins.hpp"

namespace iac::cli {
namespace {

struct Wish {
    std::string kind, name, directory;
};

int make(const Wish& wish) {
    const PluginNames names(wish.name);
    const std::string folder = wish.directory.empty() ? names.file : wish.directory;
    for (const auto& file : writeTemplate(wish.kind, names, folder))
        std::cout << file.string() << '\n';
    std::cerr << "\nNext:\n  cmake -S " << folder << " -B " << folder << "/build\n  cmake --build "
              << folder << "/build\n  ctest --test-dir " << folder << "/build\n";
    return kDone;
}

}  // namespace

void addPluginsNew(CLI::App& plugins, Run& run) {
    auto* command = plugins.add_subcommand(
        "new", "Write a project for a plugin of your own, which builds and passes its check");
    auto wish = std::make_shared<Wish>();
    command->add_option("KIND", wish->kind, "executor, mapper, notifier or trigger")->required();
    command->add_option("NAME", wish->name, "Its id: acme.helm; helm alone becomes local.helm")
        ->required();
    command->add_option("--directory", wish->directory, "Where to write it (default: ./NAME)");
    command->callback([&run, wish] { run = [wish] { return make(*wish); }; });
}

}  // namespace iac::cli

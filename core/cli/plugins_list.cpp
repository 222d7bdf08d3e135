#include <Poco/JSON/Array.h>

#include <iostream>

#include "cli/answers.hpp"
#include "cli/plugins.hpp"
#include "cli/terminal.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

struct Question {
    PluginFolders folders;
    bool json = false;
};

void printAsJson(const plugin::Registry& registry) {
    Poco::JSON::Array::Ptr plugins = new Poco::JSON::Array, refused = new Poco::JSON::Array;
    for (const auto& one : registry.plugins()) {
        auto entry = jsonObject();
        entry->set("kind", one.kind);
        entry->set("id", one.id);
        entry->set("version", one.version);
        entry->set("sha256", one.sha256);
        entry->set("summary", one.summary);
        entry->set("file", one.file.string());
        plugins->add(entry);
    }
    for (const auto& one : registry.refused()) {
        auto entry = jsonObject();
        entry->set("file", one.file.string());
        entry->set("reason", one.reason);
        refused->add(entry);
    }
    auto all = jsonObject();
    all->set("plugins", plugins);
    all->set("refused", refused);
    printJson(all);
}

void print(const plugin::Registry& registry) {
    std::vector<std::vector<std::string>> rows{{"KIND", "ID", "VERSION", "FILE"}};
    for (const auto& one : registry.plugins())
        rows.push_back({one.kind, plain(one.id), plain(one.version), plain(one.file.string())});
    const std::size_t kNoStatus = rows[0].size();
    printTable(rows, kNoStatus);
    if (!registry.refused().empty()) std::cout << "\nRefused\n";
    for (const auto& one : registry.refused()) std::cout << "  " << plain(one.reason) << '\n';
}

}  // namespace

void addPluginsList(CLI::App& plugins, const Options& options, Run& run) {
    auto* command =
        plugins.add_subcommand("list", "Every plugin there is, and every file that is refused");
    auto question = std::make_shared<Question>();
    addFolders(*command, question->folders);
    command->add_flag("--json", question->json, "As JSON");
    command->callback([&options, &run, question] {
        run = [&options, question] {
            const plugin::Registry registry(question->folders.find(options));
            question->json ? printAsJson(registry) : print(registry);
            return kDone;
        };
    });
}

}  // namespace iac::cli

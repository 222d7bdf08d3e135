#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <iostream>
#include <sstream>

#include "cli/answers.hpp"
#include "cli/plugins.hpp"
#include "cli/terminal.hpp"
#include "config/json.hpp"
#include "config/schema.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;
using Rows = std::vector<std::vector<std::string>>;

struct Question {
    PluginFolders folders;
    std::string id;
    bool json = false;
};

std::string asText(const Poco::Dynamic::Var& value) {
    std::ostringstream text;
    Poco::JSON::Stringifier::stringify(value, text);
    return text.str();
}

std::string typeOf(const Object& schema) {
    if (const auto choices = config::asArray(schema->get("enum"))) {
        std::string all;
        for (const auto& one : *choices) (all += all.empty() ? "" : " | ") += asText(one);
        return all;
    }
    for (const char* list : {"anyOf", "oneOf"}) {
        const auto forms = config::asArray(schema->get(list));
        std::string all;
        for (std::size_t i = 0; forms && i < forms->size(); ++i)
            (all += all.empty() ? "" : " or ") +=
                typeOf(config::asObject(forms->get(static_cast<unsigned>(i))));
        if (!all.empty()) return all;
    }
    const auto type = schema->get("type");
    if (const auto several = config::asArray(type)) {
        std::string all;
        for (const auto& one : *several) (all += all.empty() ? "" : " or ") += one.toString();
        return all;
    }
    if (!type.isString()) return "any";
    const auto items = config::asObject(schema->get("items"));
    const bool list = type.extract<std::string>() == "array" && items;
    return list ? "array of " + typeOf(items) : type.extract<std::string>();
}

bool isRequired(const Object& schema, const std::string& name) {
    const auto required = config::asArray(schema->get("required"));
    return required && std::ranges::any_of(*required, [&](const Poco::Dynamic::Var& one) {
               return one.toString() == name;
           });
}

// One row for each setting, and for those within it: "rules[].path".
void addRows(const Object& schema, const std::string& prefix, Rows& rows) {
    const auto properties = config::asObject(schema->get("properties"));
    if (!properties) return;
    for (const auto& name : properties->getNames()) {
        const auto property = config::asObject(properties->get(name));
        std::string words = property->optValue<std::string>("description", "");
        if (property->optValue("writeOnly", false)) words += words.empty() ? "secret" : " (secret)";
        rows.push_back({plain(prefix + name), plain(typeOf(property)),
                        isRequired(schema, name)   ? "required"
                        : property->has("default") ? plain(asText(property->get("default")))
                                                   : "-",
                        plain(words)});
        addRows(property, prefix + name + ".", rows);
        if (const auto items = config::asObject(property->get("items")))
            addRows(items, prefix + name + "[].", rows);
    }
}

void printSettings(const std::string& heading, const std::string& schema) {
    std::cout << '\n' << heading << '\n';
    Rows rows{{"SETTING", "TYPE", "DEFAULT", "MEANING"}};
    try {
        addRows(config::Schema(schema).json(), "  ", rows);
    } catch (const config::SchemaFault& fault) {
        std::cout << "  its schema " << fault.what() << '\n';
        return;
    }
    rows[0][0] = "  " + rows[0][0];
    const std::size_t kNoStatus = rows[0].size();
    rows.size() > 1 ? printTable(rows, kNoStatus) : void(std::cout << "  none\n");
}

void print(const plugin::Plugin& plugin) {
    std::cout << plain(plugin.id) << ' ' << plain(plugin.version) << ", " << plugin.kind << "\n  "
              << plain(plugin.summary) << "\n  " << plain(plugin.file.string()) << "\n  sha256 "
              << plugin.sha256 << '\n';
    if (!plugin.routes.empty()) std::cout << "  answers " << plain(plugin.routes) << '\n';
    printSettings("Settings (`with` of the " + plugin.kind + ")", plugin.schema);
    if (plugin.kind != "executor") return;
    if (plugin.service_schema.empty()) {
        std::cout << "\nA service has nothing to say to it.\n";
    } else {
        printSettings("Settings of each service (`services[].with`)", plugin.service_schema);
    }
}

void printAsJson(const plugin::Plugin& plugin) {
    auto entry = jsonObject();
    entry->set("kind", plugin.kind);
    entry->set("id", plugin.id);
    entry->set("version", plugin.version);
    entry->set("summary", plugin.summary);
    entry->set("file", plugin.file.string());
    entry->set("sha256", plugin.sha256);
    setText(entry, "routes", plugin.routes);
    entry->set("schema", Poco::JSON::Parser().parse(plugin.schema));
    if (!plugin.service_schema.empty())
        entry->set("service_schema", Poco::JSON::Parser().parse(plugin.service_schema));
    printJson(entry);
}

const plugin::Plugin& find(const plugin::Registry& registry, const std::string& id) {
    const auto found = std::ranges::find_if(
        registry.plugins(), [&](const plugin::Plugin& one) { return one.id == id; });
    if (found != registry.plugins().end()) return *found;
    std::string why = "there is no plugin \"" + id + "\"; there ";
    why += registry.plugins().empty() ? "is none" : "are:";
    for (const auto& one : registry.plugins()) why += " " + one.id;
    for (const auto& one : registry.refused()) why += "; refused: " + one.reason;
    throw plugin::Refused(why);
}

}  // namespace

void addPluginsShow(CLI::App& plugins, const Options& options, Run& run) {
    auto* command =
        plugins.add_subcommand("show", "What a plugin does, and a table of its settings");
    auto question = std::make_shared<Question>();
    command->add_option("ID", question->id, "Of the plugin: iac.invoke")->required();
    addFolders(*command, question->folders);
    command->add_flag("--json", question->json, "As JSON, with the schemas");
    command->callback([&options, &run, question] {
        run = [&options, question] {
            const plugin::Registry registry(question->folders.find(options));
            const auto& plugin = find(registry, question->id);
            question->json ? printAsJson(plugin) : print(plugin);
            return kDone;
        };
    });
}

}  // namespace iac::cli
